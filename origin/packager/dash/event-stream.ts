import type { Mark } from '../media.ts';
import { element, escapeXml } from './xml.ts';

/** Scheme of the events that tell where the roll was called. */
export const MARK_SCHEME = 'urn:lectern:roll-call:2026';

/** Event@id is an unsigned 32-bit integer: hundredths of a second repeat after 497 days. */
const ID_MS = 10;
const IDS = 2 ** 32;

/**
 * Writes the marks of a Period as an EventStream, times from the Period's start.
 *
 * @param startMs and `endMs`: of the Period, UTC milliseconds
 * @returns one element, or none where no mark lies in it
 * @see ISO/IEC 23009-1 §5.10.2
 */
export function renderEventStream(marks: readonly Mark[], startMs: number, endMs: number): string[] {
  const own = marks.filter(({ atMs }) => atMs >= startMs && atMs < endMs);
  if (own.length === 0) return [];
  const events = own.map((mark) =>
    element(
      'Event',
      {
        presentationTime: Math.round(mark.atMs - startMs),
        duration: mark.endMs === null ? undefined : Math.round(mark.endMs - mark.atMs),
        id: Math.floor(mark.atMs / ID_MS) % IDS,
      },
      [escapeXml(messageOf(mark))],
    ),
  );
  return [element('EventStream', { schemeIdUri: MARK_SCHEME, timescale: 1000 }, events)];
}

/** Kind and id, and behind them what is asked, as in the playlists. */
function messageOf({ kind, id, ask }: Mark): string {
  return ask === undefined ? `${kind} call-${id}` : `${kind} call-${id} ${ask.text}`;
}
