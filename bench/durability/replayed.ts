import type { BrowserContext } from 'playwright-core';
import {
  BARE_PLAYERS,
  type BarePlayerName,
  lookAtBare,
  startBarePlayers,
  waitUntilItPlays,
} from '../../test/e2e/support/bare-players.ts';
import { waitForProgress } from '../../test/e2e/support/watcher.ts';
import { packetTimesS } from '../../test/support/packet-times.ts';
import { summarize } from '../measure/statistics.ts';

/** A broadcast that has ended, as the API describes it. */
export type ListedBroadcast = {
  readonly id: string;
  /** UTC milliseconds; the end null while it is on air. */
  readonly startMs: number;
  readonly endMs: number | null;
  readonly durationMs: number;
  /** Path of its multivariant playlist. */
  readonly replay: string | null;
  readonly gaps: readonly object[];
};

/** The result of one player with a replay. */
export type PlayerReport = {
  readonly player: BarePlayerName | 'the page';
  /** From the publisher's end to the first second that was played, milliseconds. */
  readonly readyMs: number;
  /** Seeks that played within {@link SEEK_WITHIN_MS}, and the median of the time that they took, milliseconds. */
  readonly sought: number;
  readonly seekMs: number;
  /** Targets of the seeks that did not play, seconds. */
  readonly failed: readonly number[];
  readonly errors: readonly string[];
};

const SEEK_WITHIN_MS = 10_000;
/** Spreads seeks over the replay, the same in each run: multiples of the golden ratio. */
const STEP = 0.618_034;

/** Plays a replay in Lectern's own page, and in hls.js and dash.js with default settings, and seeks in each of the two. */
export async function playReplay(
  context: BrowserContext,
  url: string,
  broadcast: ListedBroadcast,
  options: { readonly seeks: number; readonly endedMs: number },
): Promise<PlayerReport[]> {
  const players = await startBarePlayers();
  try {
    const own = async (): Promise<PlayerReport> => {
      const page = await context.newPage();
      const channel = broadcast.replay?.split('/')[2] ?? '';
      await page.goto(`${url}/watch/${channel}/${broadcast.id}`);
      await waitForProgress(page, 1);
      const readyMs = Date.now() - options.endedMs;
      await page.close();
      return { player: 'the page', readyMs, sought: 0, seekMs: Number.NaN, failed: [], errors: [] };
    };
    const open = async (player: BarePlayerName) => {
      const page = await context.newPage();
      await page.goto(players.urlOf(player, `${url}${broadcast.replay}`));
      await waitUntilItPlays(page, 0);
      return { player, page, readyMs: Date.now() - options.endedMs };
    };
    // All players start at the same time, since the start is timed; the seeks run one after the other.
    const [page, ...opened] = await Promise.all([own(), ...BARE_PLAYERS.map(open)]);
    const reports = [page];
    for (const { player, page: tab, readyMs } of opened) {
      const { durationS } = await lookAtBare(tab);
      const tookMs: number[] = [];
      const failed: number[] = [];
      for (let i = 1; i <= options.seeks; i += 1) {
        const toS = ((i * STEP) % 1) * (durationS - 10);
        const startedMs = performance.now();
        try {
          await tab.evaluate(`video.currentTime = ${toS}`);
          await waitUntilItPlays(tab, toS, SEEK_WITHIN_MS);
          // A seek counts as played after half a second of playback.
          tookMs.push(performance.now() - startedMs - 500);
        } catch {
          failed.push(toS);
        }
      }
      const { errors } = await lookAtBare(tab);
      await tab.close();
      reports.push({ player, readyMs, sought: tookMs.length, seekMs: summarize(tookMs).p50, failed, errors });
    }
    return reports;
  } finally {
    players.stop();
  }
}

/**
 * Counts the steps between packets that are longer than one and a half of their length, as ffprobe reads them.
 *
 * @param stream `v:0` or `a:0`
 * @param packetS length of a packet, seconds
 */
export async function countHoles(
  url: string,
  stream: 'v:0' | 'a:0',
  packetS: number,
): Promise<{ readonly packets: number; readonly holes: readonly number[] }> {
  const times = await packetTimesS(url, stream);
  const holes = times.filter(
    (timeS, i) => i > 0 && Math.abs(timeS - (times[i - 1] ?? 0) - packetS) > packetS / 2,
  );
  return { packets: times.length, holes };
}
