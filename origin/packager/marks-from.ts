import { segmentStartMs } from '../../shared/grid.ts';
import type { Mark } from './media.ts';

/** The marks from a segment's beginning on, oldest first, without what they ask: the past is not asked. */
export function marksFrom(marks: readonly Mark[], number: number, gridUnits: number): readonly Mark[] {
  const sinceMs = segmentStartMs(number, gridUnits);
  return marks.filter(({ atMs }) => atMs >= sinceMs).map(({ ask: _ask, ...mark }) => mark);
}

/**
 * The marks of a live view, oldest first: those from a segment's beginning on, and older ones that are still asked. Who joins now, or
 * was away, is asked as well, and nobody misses the end of a question.
 */
export function liveMarks(marks: readonly Mark[], number: number, gridUnits: number): readonly Mark[] {
  const sinceMs = segmentStartMs(number, gridUnits);
  return marks.filter((mark) => mark.atMs >= sinceMs || askedUntilMs(mark) >= sinceMs);
}

/** Until when viewers are asked, UTC milliseconds; −∞ where they are not. */
export function askedUntilMs({ ask, endMs }: Mark): number {
  if (ask === undefined) return Number.NEGATIVE_INFINITY;
  const last = ask.changes.at(-1);
  if (last?.reopens === true) return last.endMs;
  return endMs ?? last?.endMs ?? ask.windowEndMs;
}
