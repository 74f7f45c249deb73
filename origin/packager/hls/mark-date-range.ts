import type { Mark } from '../media.ts';
import { type DateRange, NO_DATE_RANGE } from './playlist/date-range.ts';

/** CLASS of the date ranges that tell where the roll was called. */
export const MARK_CLASS = 'org.lectern.roll-call';

/**
 * The date range of a mark. DURATION is added when it is over; nothing else of it changes. The teacher's question is not in
 * it: the roll call sends that to those who are in the class.
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
