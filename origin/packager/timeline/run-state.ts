import type { FeedSource } from '../feed/feed.ts';
import { SLATE } from '../feed/slate-feed.ts';
import type { RunState } from '../media.ts';
import type { LoggedRun } from './run-log.ts';

const STATE_BY_KIND: Readonly<Record<string, RunState>> = { emergency: 'announcement', replay: 'recorded' };

/**
 * What a run that begins means to viewers.
 *
 * @param feed the feed that goes on air
 * @param last the run before it; undefined for the first
 * @param feeds all feeds that are known: they say how the broadcast of the last run ended
 */
export function stateOfRun(
  feed: Pick<FeedSource, 'kind'>,
  last: LoggedRun | undefined,
  feeds: readonly Pick<FeedSource, 'broadcast' | 'ending'>[],
): RunState {
  if (feed.kind !== SLATE) return STATE_BY_KIND[feed.kind] ?? 'on-air';
  if (last?.state !== 'on-air') return 'before';
  const isOver = feeds.some(({ broadcast, ending }) => broadcast === last.broadcast && ending === 'over');
  return isOver ? 'over' : 'interrupted';
}
