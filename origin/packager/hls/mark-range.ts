import type { Mark } from '../media.ts';
import { quoted } from './attribute.ts';
import { formatDate, formatSeconds } from './decimal.ts';

/** CLASS of the date ranges that tell where the roll was called. */
export const MARK_CLASS = 'org.lectern.roll-call';

/**
 * EXT-X-DATERANGE (RFC 8216bis §4.4.5.1) for a mark. DURATION comes when it is over, and nothing else of it ever changes. What
 * the teacher asked is not in it: the roll call's own channel tells that, to those who are in the class.
 *
 * @returns one line, with its line feed
 */
export function renderMark({ id, kind, atMs, endMs }: Mark): string {
  const duration = endMs === null ? '' : `,DURATION=${formatSeconds((endMs - atMs) / 1000)}`;
  return (
    `#EXT-X-DATERANGE:ID=${quoted(`call-${id}`)},CLASS="${MARK_CLASS}",START-DATE="${formatDate(atMs)}"` +
    `${duration},X-KIND=${quoted(kind)}\n`
  );
}
