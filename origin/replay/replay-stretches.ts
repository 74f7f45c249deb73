import { SEGMENT_DURATION_MS, segmentStartMs } from '../../shared/grid.ts';
import { BLOCK_MS } from '../archive/index-block.ts';
import type { TimeRange } from '../archive/time-range.ts';
import { gridUnitsOf, type StoredSegment } from '../packager/recording/stored-segment.ts';

/** A segment may begin this much after its start on the grid, milliseconds. */
const LATE_MS = 4 * SEGMENT_DURATION_MS;

/** A range widened to whole segments of the grid: requests that differ by milliseconds get the same recording. */
export function onGrid({ fromMs, toMs }: TimeRange): TimeRange {
  const before = Math.floor(fromMs / SEGMENT_DURATION_MS) * SEGMENT_DURATION_MS;
  return { fromMs: before, toMs: Math.ceil(toMs / SEGMENT_DURATION_MS) * SEGMENT_DURATION_MS };
}

/**
 * Cuts a range into stretches that are laid out one after the other. The cuts are in the middle of index blocks, so that the
 * blocks of a stretch list all segments that may extend into it.
 */
export function stretchesOf({ fromMs, toMs }: TimeRange): TimeRange[] {
  const stretches: TimeRange[] = [];
  for (let atMs = fromMs; atMs < toMs; ) {
    const cutMs = (Math.floor(atMs / BLOCK_MS - 0.5) + 1.5) * BLOCK_MS;
    stretches.push({ fromMs: atMs, toMs: Math.min(cutMs, toMs) });
    atMs = cutMs;
  }
  return stretches;
}

/** The time in which all segments of a stretch lie, by their own times. */
export function around({ fromMs, toMs }: TimeRange): TimeRange {
  return { fromMs: fromMs - LATE_MS, toMs: toMs + LATE_MS };
}

/**
 * Whether a segment belongs to a stretch of a range: by its place on the grid and not by its track's own times, so that every
 * rendition begins and ends with the same number. The range begins with the segment that contains its start.
 */
export function belongsTo(segment: StoredSegment, stretch: TimeRange, range: TimeRange): boolean {
  const gridUnits = gridUnitsOf(segment);
  const startMs = segmentStartMs(segment.number, gridUnits);
  if (startMs >= stretch.toMs) return false;
  if (stretch.fromMs > range.fromMs) return startMs >= stretch.fromMs;
  return segmentStartMs(segment.number + 1, gridUnits) > range.fromMs;
}
