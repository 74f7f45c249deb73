import type { Segment } from '../media.ts';
import { renderMap, type SegmentLines } from './segment-lines.ts';

/** Segments that are written at a time. */
const PIECE_SEGMENTS = 1000;

/** What stands around segments. */
export type Frame = {
  readonly head: string;
  /** Hash of the init segment in force before the first; '' for none. */
  readonly hash: string;
  readonly foot: string;
};

/**
 * Writes whole segments, without parts, in pieces of some milliseconds' work: there may be a day of them.
 *
 * @param folder where their media lies, seen from the playlist, with the closing slash
 * @param linesOf a segment's own lines
 */
export function* renderWholeSegments(
  segments: readonly Segment[],
  { head, hash, foot }: Frame,
  folder: string,
  linesOf: (segment: Segment) => SegmentLines,
): Generator<string> {
  let text = head;
  let inForce = hash;
  for (const [index, segment] of segments.entries()) {
    if (index > 0 && index % PIECE_SEGMENTS === 0) {
      yield text;
      text = '';
    }
    if (segment.discontinuity) text += '#EXT-X-DISCONTINUITY\n';
    if (segment.discontinuity || segment.init.hash !== inForce) text += renderMap(segment, folder);
    inForce = segment.init.hash;
    const { date, whole } = linesOf(segment);
    text += date + whole;
  }
  yield text + foot;
}
