import type { BroadcastInfo } from '../../channel/broadcast-info.ts';

/** What names a broadcast. */
export function keyOf({ channel, id }: Pick<BroadcastInfo, 'channel' | 'id'>): string {
  return `${channel}/${id}`;
}

/** A page behind what is there already. A class that came on air meanwhile has moved the pages: nothing stands twice. */
export function appended(shelf: readonly BroadcastInfo[], page: readonly BroadcastInfo[]): BroadcastInfo[] {
  const known = new Set(shelf.map(keyOf));
  return [...shelf, ...page.filter((broadcast) => !known.has(keyOf(broadcast)))];
}

/** With one broadcast as it is now. */
export function replaced(shelf: readonly BroadcastInfo[], changed: BroadcastInfo): BroadcastInfo[] {
  return shelf.map((broadcast) => (keyOf(broadcast) === keyOf(changed) ? changed : broadcast));
}

/** Without one broadcast. */
export function without(shelf: readonly BroadcastInfo[], gone: BroadcastInfo): BroadcastInfo[] {
  return shelf.filter((broadcast) => keyOf(broadcast) !== keyOf(gone));
}
