import type { Run } from '../media.ts';
import { type DateRange, NO_DATE_RANGE } from './playlist/date-range.ts';

/** CLASS of the date ranges that tell what is on air. */
export const RUN_CLASS = 'org.lectern.run';

/**
 * The date range of a run: what is on air, and what it means to viewers. Its attributes do not change while it is listed,
 * except that END-DATE is added when the run ends (RFC 8216bis §4.4.5.1: "the server MUST NOT change … except to add").
 */
export function runDateRange(run: Run): DateRange {
  return {
    ...NO_DATE_RANGE,
    id: run.id,
    class: RUN_CLASS,
    startMs: run.startMs,
    endMs: run.endMs,
    state: run.state,
    broadcast: run.broadcast === '' ? null : run.broadcast,
  };
}
