import type { Broadcast } from '../../channel/broadcast-info.ts';

/** What names a broadcast. */
export function keyOf({ channel, id }: Pick<Broadcast, 'channel' | 'id'>): string {
  return `${channel}/${id}`;
}

/** A page behind what is there already. A class that came on air meanwhile has moved the pages: nothing stands twice. */
export function appended(shelf: readonly Broadcast[], page: readonly Broadcast[]): Broadcast[] {
  const known = new Set(shelf.map(keyOf));
  return [...shelf, ...page.filter((broadcast) => !known.has(keyOf(broadcast)))];
}

/** With one broadcast as it is now. */
export function replaced(shelf: readonly Broadcast[], changed: Broadcast): Broadcast[] {
  return shelf.map((broadcast) => (keyOf(broadcast) === keyOf(changed) ? changed : broadcast));
}

/** Without one broadcast. */
export function without(shelf: readonly Broadcast[], gone: Broadcast): Broadcast[] {
  return shelf.filter((broadcast) => keyOf(broadcast) !== keyOf(gone));
}
