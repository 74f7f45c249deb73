import { segmentNumberAt, segmentStartMs } from '../../shared/grid.ts';
import { isWithin, subtractRanges, type TimeRange } from '../archive/time-range.ts';
import type { ChannelView, Part, RenditionView, Run } from '../packager/media.ts';

const NO_PARTS: readonly Part[] = [];

/**
 * A view as those see it who may not edit the channel's broadcasts: what was cut off answers 403 to them, so it is not listed. Segments
 * that lie in a cut part as a whole are gaps, runs end and begin where it does, and marks in it are left out.
 *
 * A gap stays in the playlist, since numbers are consecutive. A run that begins behind a cut part has another id: neither a Period nor
 * a date range may change its start.
 *
 * @param cut in any order
 * @returns the view itself where nothing of it was cut
 * @see RFC 8216bis §4.4.4.7 (EXT-X-GAP)
 */
export function shownView(view: ChannelView, cut: readonly TimeRange[]): ChannelView {
  const { gridUnits } = view;
  const whole = cut.flatMap((range) => wholeSegments(range, gridUnits));
  const sinceMs = view.runs[0]?.startMs ?? 0;
  if (!cut.some(({ toMs }) => toMs > sinceMs)) return view;
  return {
    ...view,
    runs: view.runs.flatMap((run) => shownRuns(run, whole, gridUnits)),
    marks: view.marks.filter(({ atMs }) => !cut.some((range) => isWithin(atMs, range))),
    renditions: view.renditions.map((rendition) => shownRendition(rendition, whole, gridUnits)),
  };
}

/**
 * The first segment from a number on that does not lie in a cut part as a whole.
 *
 * @param cut in any order
 * @param gridUnits how many D one segment lasts
 */
export function firstShown(number: number, cut: readonly TimeRange[], gridUnits: number): number {
  const whole = cut.flatMap((range) => wholeSegments(range, gridUnits));
  let first = number;
  for (const { fromMs, toMs } of whole.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const atMs = segmentStartMs(first, gridUnits);
    if (atMs >= fromMs && atMs < toMs) first = segmentNumberAt(toMs, gridUnits);
  }
  return first;
}

/** A range narrowed to the segments that lie in it as a whole; none where there is no such segment. */
function wholeSegments({ fromMs, toMs }: TimeRange, gridUnits: number): TimeRange[] {
  const lengthMs = segmentStartMs(1, gridUnits);
  const whole = {
    fromMs: Math.ceil(fromMs / lengthMs) * lengthMs,
    toMs: Math.floor(toMs / lengthMs) * lengthMs,
  };
  return whole.toMs > whole.fromMs ? [whole] : [];
}

function shownRuns(run: Run, whole: readonly TimeRange[], gridUnits: number): Run[] {
  const range = { fromMs: run.startMs, toMs: run.endMs ?? Number.POSITIVE_INFINITY };
  return subtractRanges(range, whole).map(({ fromMs, toMs }) => {
    const firstNumber = segmentNumberAt(fromMs, gridUnits);
    const endMs = Number.isFinite(toMs) ? toMs : null;
    if (fromMs === run.startMs) return { ...run, endMs };
    const kind = run.id.slice(run.id.indexOf('-') + 1);
    return { ...run, id: `${firstNumber}-${kind}`, firstNumber, startMs: fromMs, endMs };
  });
}

function shownRendition(
  rendition: RenditionView,
  whole: readonly TimeRange[],
  gridUnits: number,
): RenditionView {
  const segments = rendition.segments.map((segment) =>
    segment.closed && whole.some((range) => isWithin(segmentStartMs(segment.number, gridUnits), range))
      ? { ...segment, parts: NO_PARTS, gap: true }
      : segment,
  );
  return { ...rendition, segments };
}
