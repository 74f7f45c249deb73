/**
 * The grid: segments of D = 1.6 s counted from the Unix epoch, the same for every rendition of every channel.
 *
 * 1.6 s is a whole number of frames at 5, 10, 15, 20, 25, 30, 50 and 60 fps, and 75 AAC frames at 48 kHz. The segment
 * number is floor(media time / D): it is the HLS media sequence number, the DASH `$Number$` and the name in the store.
 */

/** Segment duration D, in milliseconds. */
export const SEGMENT_DURATION_MS = 1600;

/** Samples in one AAC-LC frame (ISO/IEC 14496-3 §4.5.1.1). */
export const AAC_FRAME_SAMPLES = 1024;

/** The only audio sampling rate that is served, in Hz. */
export const AUDIO_SAMPLE_RATE_HZ = 48_000;

/** Frame rates that put a whole number of frames, and of fast-profile parts, into D; in frames a second, ascending. */
export const GRID_FRAME_RATES: readonly number[] = [5, 10, 15, 20, 25, 30, 50, 60];

/**
 * Length of a segment in ticks.
 *
 * @param timescaleHz ticks a second; a multiple of 5, so that D is a whole number of ticks
 * @param gridUnits how many D one segment lasts: 1 but for passthrough channels
 */
export function segmentTicks(timescaleHz: number, gridUnits = 1): number {
  return (timescaleHz * SEGMENT_DURATION_MS * gridUnits) / 1000;
}

/**
 * Number of the segment that a media time falls into.
 *
 * @param timeMs media time, UTC milliseconds since the epoch
 * @param gridUnits how many D one segment lasts
 */
export function segmentNumberAt(timeMs: number, gridUnits = 1): number {
  return Math.floor(timeMs / (SEGMENT_DURATION_MS * gridUnits));
}

/**
 * UTC at which a segment starts, in milliseconds since the epoch.
 *
 * @param number segment number
 * @param gridUnits how many D one segment lasts
 */
export function segmentStartMs(number: number, gridUnits = 1): number {
  return number * SEGMENT_DURATION_MS * gridUnits;
}

/**
 * Lowest frame rate of the grid that is not lower than the source's.
 *
 * @param sourceFps frames a second of the source, as measured; 0 or NaN when unknown
 * @returns a member of GRID_FRAME_RATES; 25 when the source's rate is unknown, 60 above 60
 */
export function gridFrameRate(sourceFps: number): number {
  if (!(sourceFps > 0)) return 25;
  // 1 % of tolerance: 30.02 measured is 30, and 29.97 goes up to 30.
  return GRID_FRAME_RATES.find((fps) => fps >= sourceFps * 0.99) ?? 60;
}
