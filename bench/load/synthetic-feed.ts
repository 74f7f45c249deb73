import { join } from 'node:path';
import { waitFor } from '../../test/support/wait-for.ts';
import { fetchBytes } from '../served/fetching.ts';
import { newestPartUrl } from '../served/newest-part.ts';
import type { LecternProcess } from '../start/lectern-process.ts';
import { startProgram } from '../start/program.ts';

/** What is pushed to an origin. */
export type SyntheticFeedOptions = {
  readonly originUrl: string;
  readonly token: string;
  readonly channel: string;
  /** Renditions of 25 fps; the sound is added. `frameBytes` is the size of each picture. */
  readonly video: readonly {
    readonly id: string;
    readonly widthPx: number;
    readonly heightPx: number;
    readonly frameBytes: number;
  }[];
};

/** A feed that nobody encoded, pushed in real time, so that the origin alone is measured. */
export type SyntheticFeed = {
  readonly pid: number;
  /** When the last picture of the part that ends at a media time was pushed, UTC milliseconds; undefined before that. */
  pushedAtMs(partEndMs: number): number | undefined;
  stop(): Promise<void>;
};

/** The ladder's sizes and bit rates; a part of 720p has 40 kB. */
const LADDER: SyntheticFeedOptions['video'] = [
  { id: '720p', widthPx: 1280, heightPx: 720, frameBytes: 8000 },
  { id: '480p', widthPx: 854, heightPx: 480, frameBytes: 3600 },
  { id: '360p', widthPx: 640, heightPx: 360, frameBytes: 2000 },
];

/** A configuration that fits {@link startSyntheticFeed}. */
export const SYNTHETIC_YAML =
  'channels:\n  - {id: hall-7, title: Hall 7, publishKey: hall-7-stream-key}\nlatency: fast\n';

/**
 * Starts it, and waits until the channel is on air with it.
 *
 * @param core where it is to run; null for anywhere
 */
export async function startSyntheticFeed(
  lectern: LecternProcess,
  core: number | null,
): Promise<SyntheticFeed> {
  const options: SyntheticFeedOptions = {
    ...{ originUrl: lectern.url, token: await lectern.token('encoder'), channel: 'hall-7', video: LADDER },
  };
  const program = startProgram(join(import.meta.dirname, 'synthetic-feed-program.ts'), options, core);
  const pushed = new Map<number, number>();
  program.onMessage((message) => {
    if (message.kind !== 'pushed') return;
    const { endMs, atMs } = message as {
      readonly kind: string;
      readonly endMs: number;
      readonly atMs: number;
    };
    pushed.set(endMs, atMs);
  });
  await program.next('started');
  await lectern.waitForState('hall-7', 'on-air');
  const playlist = `${lectern.url}/live/hall-7/720p.m3u8`;
  await waitFor('a part of the feed is served', async () => {
    const part = await fetchBytes(await newestPartUrl(playlist));
    return part.length > 5 * 8000;
  });
  return { pid: program.pid, pushedAtMs: (endMs) => pushed.get(endMs), stop: () => program.stop() };
}
