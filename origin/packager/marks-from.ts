import { segmentStartMs } from '../../shared/grid.ts';
import type { Mark } from './media.ts';

/** The marks from a segment's beginning on, oldest first. */
export function marksFrom(marks: readonly Mark[], number: number, gridUnits: number): readonly Mark[] {
  const sinceMs = segmentStartMs(number, gridUnits);
  return marks.filter(({ atMs }) => atMs >= sinceMs);
}
