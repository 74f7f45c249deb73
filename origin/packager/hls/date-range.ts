import type { Run } from '../media.ts';
import { quoted } from './attribute.ts';
import { formatDate } from './decimal.ts';

/** CLASS of the date ranges that tell what is on air. */
export const RUN_CLASS = 'org.lectern.run';

/**
 * EXT-X-DATERANGE (RFC 8216bis §4.4.5.1) for a run: what is on air, and what it means to viewers. Its attributes do not
 * change while it is listed, but for END-DATE, which comes when the run ends.
 *
 * @returns one line, with its line feed
 */
export function renderDateRange(run: Run): string {
  return (
    `#EXT-X-DATERANGE:ID=${quoted(run.id)},CLASS="${RUN_CLASS}",START-DATE="${formatDate(run.startMs)}"` +
    (run.endMs === null ? '' : `,END-DATE="${formatDate(run.endMs)}"`) +
    `,X-STATE=${quoted(run.state)}` +
    (run.broadcast === '' ? '' : `,X-BROADCAST=${quoted(run.broadcast)}`) +
    '\n'
  );
}
