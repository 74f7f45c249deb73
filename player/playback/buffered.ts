/** Buffered ranges, as media elements have them; in seconds. */
export type Ranges = {
  readonly length: number;
  start(index: number): number;
  end(index: number): number;
};

/** A hole of this size is skipped in playback, in seconds. */
const HOLE_S = 0.1;

/**
 * End of the buffered range that a playhead is in.
 *
 * @param atS playhead, in seconds
 * @returns seconds; the playhead itself when it is in none
 */
export function bufferEnd(ranges: Ranges, atS: number): number {
  for (let i = 0; i < ranges.length; i++) {
    if (ranges.start(i) <= atS + HOLE_S && atS <= ranges.end(i)) return ranges.end(i);
  }
  return atS;
}
