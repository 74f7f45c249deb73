import type { BroadcastInfo } from '../../channel/broadcast-info.ts';

/** The key of a broadcast in lists. */
export function keyOf({ channel, id }: Pick<BroadcastInfo, 'channel' | 'id'>): string {
  return `${channel}/${id}`;
}

/** Appends a page. New classes shift the pages, so broadcasts that are listed already are left out. */
export function appended(
  broadcasts: readonly BroadcastInfo[],
  page: readonly BroadcastInfo[],
): BroadcastInfo[] {
  const known = new Set(broadcasts.map(keyOf));
  return [...broadcasts, ...page.filter((broadcast) => !known.has(keyOf(broadcast)))];
}

/** Replaces one broadcast. */
export function replaced(broadcasts: readonly BroadcastInfo[], changed: BroadcastInfo): BroadcastInfo[] {
  return broadcasts.map((broadcast) => (keyOf(broadcast) === keyOf(changed) ? changed : broadcast));
}

/** Removes one broadcast. */
export function without(broadcasts: readonly BroadcastInfo[], gone: BroadcastInfo): BroadcastInfo[] {
  return broadcasts.filter((broadcast) => keyOf(broadcast) !== keyOf(gone));
}
