import type { FeedSource } from '../feed/feed.ts';
import { SLATE } from '../feed/slate-feed.ts';
import type { RunState } from '../media.ts';
import type { LoggedRun } from './run-log.ts';

const STATE_BY_KIND: Readonly<Record<string, RunState>> = { emergency: 'announcement', replay: 'recorded' };

/**
 * What a run that begins means to viewers.
 *
 * @param feed the feed that goes on air
 * @param runs those before it, oldest first
 * @param feeds all feeds that are known: they say how a broadcast ended
 */
export function stateOfRun(
  feed: Pick<FeedSource, 'kind'>,
  runs: readonly LoggedRun[],
  feeds: readonly Ended[],
): RunState {
  if (feed.kind !== SLATE) return STATE_BY_KIND[feed.kind] ?? 'on-air';
  // An announcement in between changes nothing about the class.
  const before = runs.findLast(({ state }) => state !== 'announcement')?.state;
  if (before !== 'on-air' && before !== 'interrupted') return 'before';
  return hasEnded(runs, feeds) ? 'over' : 'interrupted';
}

/**
 * Whether the slate on air has to say something else from now on: it came when the class fell silent, and her teacher has ended it
 * since. What a slate means is not decided for good when it comes on air.
 *
 * @param runs oldest first; the last one is on air
 */
export function endsWhileOffAir(runs: readonly LoggedRun[], feeds: readonly Ended[]): boolean {
  return runs.at(-1)?.state === 'interrupted' && hasEnded(runs, feeds);
}

/** What is asked of a feed: whose it is, and how it ended. */
type Ended = Pick<FeedSource, 'broadcast' | 'ending'>;

/** Whether the last class was ended by its teacher. */
function hasEnded(runs: readonly LoggedRun[], feeds: readonly Ended[]): boolean {
  const last = runs.findLast(({ state }) => state === 'on-air');
  return feeds.some(({ broadcast, ending }) => broadcast === last?.broadcast && ending === 'over');
}
