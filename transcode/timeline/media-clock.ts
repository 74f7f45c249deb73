import { SEGMENT_DURATION_MS } from '../../shared/grid.ts';

/** Timescale of picture tracks and of media time inside the worker: every frame rate of the grid divides it. */
export const VIDEO_TIMESCALE_HZ = 90_000;
const TICKS_PER_MS = VIDEO_TIMESCALE_HZ / 1000;
/** Length of a segment, D, in ticks of 90 kHz. */
export const SEGMENT_TICKS = SEGMENT_DURATION_MS * TICKS_PER_MS;

/** Ticks from one frame to the next; whole for every rate of the grid. */
export function frameTicks(frameRate: number): number {
  return VIDEO_TIMESCALE_HZ / frameRate;
}

/**
 * UTC of source time 0 in ticks, rounded to the frame grid.
 *
 * Moving sound and picture together by less than half a frame is harmless. A source of constant frame rate that began at 0 then lies
 * in the middle of the grid's cells, where jitter cannot move a frame to the next cell. It depends on the job alone, so twins
 * agree.
 *
 * @param epochOffsetMs UTC of timestamp 0, milliseconds
 * @param gridTicks duration of a frame; 1 leaves the offset unchanged
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
 * Computes what to add to picture times before they are rounded to the frame grid, in ticks.
 *
 * 0 when the first picture is close to a grid point. When it is near the middle between two, jitter of a millisecond would repeat
 * one frame and drop the next throughout the class; then the grid is shifted to it.
 *
 * @param firstTicks media time of the first picture, ticks
 * @param gridTicks length of a frame, ticks
 */
export function gridPhaseTicks(firstTicks: number, gridTicks: number): number {
  const residue = firstTicks - Math.round(firstTicks / gridTicks) * gridTicks;
  return Math.abs(residue) < gridTicks / 4 ? 0 : -residue;
}
