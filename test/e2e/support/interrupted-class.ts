import { startChromium, type TestBrowser } from '../../support/chromium.ts';
import { startTestPipeline, type TestPipeline } from '../../support/pipeline.ts';
import { type Publisher, startPublisher } from '../../support/publisher.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type BarePlayers, startBarePlayers } from './bare-players.ts';

/** Two small rungs: the tests' machine encodes, serves and decodes at once. */
export const TWO_RUNGS_YAML = `channels:
  - {id: hall-7, title: Grade 7 mathematics, language: en, publishKey: hall-7-stream-key, grade: 7, teacher: Ms Li}
ladder: {rungs: [{height: 360, videoKbps: 400}, {height: 180, videoKbps: 150}], preset: ultrafast}
`;

/** A broadcast as the API tells it. */
export type ToldBroadcast = {
  readonly id: string;
  readonly endMs: number | null;
  readonly durationMs: number;
  readonly replay: string | null;
  readonly gaps: readonly object[];
};

/** A class that was on air, was interrupted, was on air again, and is over; and what it is replayed in. */
export type InterruptedClass = {
  readonly pipeline: TestPipeline;
  readonly players: BarePlayers;
  readonly browser: TestBrowser;
  readonly broadcast: ToldBroadcast;
  /** Address of its multivariant playlist. */
  readonly replayUrl: string;
  stop(): Promise<void>;
};

/**
 * Puts it on air on `hall-7`, in real time, and waits until it is over.
 *
 * @param options.segments how many segments each of its two stretches has at least
 * @param options.audio whether they have sound, the first and the second
 */
export async function holdInterruptedClass(options: {
  readonly segments: number;
  readonly audio: readonly [boolean, boolean];
}): Promise<InterruptedClass> {
  const stops: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).toReversed()) await one();
  };
  try {
    const pipeline = await startTestPipeline({ yaml: TWO_RUNGS_YAML });
    stops.push(() => pipeline.stop());
    const players = await startBarePlayers();
    stops.push(() => players.stop());
    const told = async (): Promise<ToldBroadcast | undefined> => {
      const answer = await fetch(`${pipeline.url}/api/broadcasts`);
      const { broadcasts } = (await answer.json()) as { broadcasts: ToldBroadcast[] };
      return broadcasts[0];
    };
    const goOnAir = async (audio: boolean): Promise<Publisher> => {
      const url = pipeline.publishUrl('hall-7');
      const publisher = startPublisher({ url, widthPx: 640, heightPx: 360, audio });
      stops.push(() => publisher.stop());
      await pipeline.waitForState('hall-7', 'on-air', 60_000);
      const fromMs = (await told())?.durationMs ?? 0;
      const isLonger = async (): Promise<boolean> =>
        ((await told())?.durationMs ?? 0) > fromMs + options.segments * 1600;
      await waitFor('the class goes on', isLonger, 60_000);
      return publisher;
    };
    const first = await goOnAir(options.audio[0]);
    await first.vanish();
    await pipeline.waitForState('hall-7', 'interrupted', 60_000);
    const second = await goOnAir(options.audio[1]);
    await second.stop();
    const broadcast = await waitFor('it is over', async () => {
      const last = await told();
      return last === undefined || last.endMs === null ? null : last;
    });
    const browser = await startChromium();
    stops.push(() => browser.stop());
    return { pipeline, players, browser, broadcast, replayUrl: `${pipeline.url}${broadcast.replay}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
