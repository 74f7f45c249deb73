import { SEGMENT_DURATION_MS } from '../../shared/grid.ts';

/** Ticks a second of every picture track, and of media time inside the worker: each grid frame rate divides it. */
export const VIDEO_TIMESCALE_HZ = 90_000;
const TICKS_PER_MS = VIDEO_TIMESCALE_HZ / 1000;
/** Length of a segment, D, in ticks of 90 kHz. */
export const SEGMENT_TICKS = SEGMENT_DURATION_MS * TICKS_PER_MS;

/** Ticks from one frame to the next; whole for every rate of the grid. */
export function frameTicks(frameRate: number): number {
  return VIDEO_TIMESCALE_HZ / frameRate;
}

/**
 * UTC of source time 0 in ticks, put on the frame grid.
 *
 * Moving sound and picture together by less than half a frame costs nothing, and it puts a source of constant frame
 * rate that began at 0 in the middle of the frame grid's cells, where jitter cannot make it flip between two of them.
 * It depends on the job alone, so twins agree.
 *
 * @param epochOffsetMs UTC of timestamp 0, milliseconds
 * @param gridTicks length of a frame; 1 leaves the offset as it is
 */
export function offsetTicks(epochOffsetMs: number, gridTicks: number): number {
  return Math.round((epochOffsetMs * TICKS_PER_MS) / gridTicks) * gridTicks;
}

/** A source time in ticks of media time since the epoch. */
export function mediaTicks(sourceMs: number, offset: number): number {
  return offset + Math.round(sourceMs * TICKS_PER_MS);
}

/** The first start of a segment at or after a media time, in ticks. */
export function nextSegmentTicks(ticks: number): number {
  return Math.ceil(ticks / SEGMENT_TICKS) * SEGMENT_TICKS;
}

/**
 * What to add to a source's picture times before they are rounded to the frame grid, in ticks.
 *
 * 0 where the first picture lies near a point of the grid. Where it lies near the middle between two, jitter of a
 * millisecond would repeat one frame and lose the next, all through the class: then the grid is centred on it.
 *
 * @param firstTicks media time of the first picture, ticks
 * @param gridTicks length of a frame, ticks
 */
export function gridPhaseTicks(firstTicks: number, gridTicks: number): number {
  const residue = firstTicks - Math.round(firstTicks / gridTicks) * gridTicks;
  return Math.abs(residue) < gridTicks / 4 ? 0 : -residue;
}
