import type { Mark } from '../media.ts';
import { type DateRange, NO_DATE_RANGE } from './playlist/date-range.ts';

/** CLASS of the date ranges that tell where the roll was called. */
export const MARK_CLASS = 'org.lectern.roll-call';

/** CLASS of the date ranges that tell of another end of a mark's window. */
export const WINDOW_CLASS = 'org.lectern.roll-call-window';

/**
 * The date range of a mark in playlists of the past. DURATION is added when it is over; nothing else of it changes. The teacher's
 * question is not in it.
 */
export function markDateRange({ id, kind, atMs, endMs }: Mark): DateRange {
  return {
    ...NO_DATE_RANGE,
    id: `call-${id}`,
    class: MARK_CLASS,
    startMs: atMs,
    durationS: endMs === null ? null : (endMs - atMs) / 1000,
    kind,
  };
}

/**
 * The date ranges of a mark in live playlists: its own, to which END-DATE is added when it is over, and one for each other end of its
 * window (RFC 8216bis §4.4.5.1: attributes of one ID have the same values). They hold all that a page needs to ask, so that a cache
 * brings it to everybody.
 */
export function liveMarkDateRanges(mark: Mark): DateRange[] {
  const { id, atMs, endMs, ask } = mark;
  const own = { ...markDateRange(mark), endMs, durationS: null, ask: ask?.text ?? null };
  const windows = (ask?.changes ?? []).map(
    (change, i): DateRange => ({
      ...NO_DATE_RANGE,
      id: `window-${id}-${i + 1}`,
      class: WINDOW_CLASS,
      startMs: atMs,
      endMs: change.endMs,
      reopens: change.reopens ? 'YES' : null,
    }),
  );
  return [own, ...windows];
}
