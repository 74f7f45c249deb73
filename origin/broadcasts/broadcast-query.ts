import type { Broadcast } from './broadcast.ts';

/** Which broadcasts are looked for; what is left out is not looked at. */
export type BroadcastQuery = {
  readonly channel?: string | undefined;
  readonly grade?: number | undefined;
  readonly subject?: string | undefined;
  readonly teacher?: string | undefined;
  /** Began at or after, UTC milliseconds. */
  readonly from?: number | undefined;
  /** Began before, UTC milliseconds. */
  readonly to?: number | undefined;
  /** All of these words stand in title, teacher, subject or channel, in any case. */
  readonly q?: string | undefined;
};

/** Newest first; the id decides where two began at the same time, so that a page ends at a place of its own. */
export function newestFirst(a: Broadcast, b: Broadcast): number {
  return b.startMs - a.startMs || compare(`${a.channel}/${a.id}`, `${b.channel}/${b.id}`);
}

/** Where a page ends: what stands in `next`, and comes back as `after`. */
export function cursorOf({ startMs, channel, id }: Broadcast): string {
  return `${startMs}.${channel}.${id}`;
}

/** Reads a cursor; null for what is none. */
export function readCursor(
  text: string,
): { readonly startMs: number; readonly channel: string; readonly id: string } | null {
  const [, startMs, channel, id] = /^(\d{1,15})\.([a-z0-9-]{1,64})\.([a-z0-9-]{1,64})$/.exec(text) ?? [];
  if (startMs === undefined || channel === undefined || id === undefined) return null;
  return { startMs: Number(startMs), channel, id };
}

/**
 * Finds a page of broadcasts.
 *
 * @param sorted newest first
 * @param after the cursor of the page before; null for the first page
 * @param limit how many
 */
export function findBroadcasts(
  sorted: readonly Broadcast[],
  query: BroadcastQuery,
  after: ReturnType<typeof readCursor>,
  limit: number,
): { readonly broadcasts: readonly Broadcast[]; readonly next: string | null } {
  const fits = matcher(query);
  const found: Broadcast[] = [];
  for (let i = after === null ? 0 : placeAfter(sorted, after); i < sorted.length; i += 1) {
    const broadcast = sorted[i];
    if (broadcast === undefined || !fits(broadcast)) continue;
    const last = found.at(-1);
    if (found.length === limit && last !== undefined) return { broadcasts: found, next: cursorOf(last) };
    found.push(broadcast);
  }
  return { broadcasts: found, next: null };
}

/** Index of the first one behind a cursor; what it named may be gone by now. */
function placeAfter(sorted: readonly Broadcast[], after: NonNullable<ReturnType<typeof readCursor>>): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = sorted[middle];
    if (at === undefined) break;
    const isBefore =
      at.startMs > after.startMs ||
      (at.startMs === after.startMs &&
        compare(`${at.channel}/${at.id}`, `${after.channel}/${after.id}`) <= 0);
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return low;
}

function matcher(query: BroadcastQuery): (broadcast: Broadcast) => boolean {
  const { channel, grade, subject, teacher, from, to } = query;
  const words = (query.q ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  return (broadcast) => {
    if (channel !== undefined && broadcast.channel !== channel) return false;
    if (grade !== undefined && broadcast.grade !== grade) return false;
    if (subject !== undefined && broadcast.subject !== subject) return false;
    if (teacher !== undefined && broadcast.teacher !== teacher) return false;
    if (from !== undefined && broadcast.startMs < from) return false;
    if (to !== undefined && broadcast.startMs >= to) return false;
    if (words.length === 0) return true;
    const { title, teacher: by = '', subject: of = '' } = broadcast;
    const haystack = `${title} ${by} ${of} ${broadcast.channel}`.toLowerCase();
    return words.every((word) => haystack.includes(word));
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
