import { segmentStartMs } from '../../shared/grid.ts';
import { subtractRanges } from '../archive/time-range.ts';
import type { Segment } from '../packager/media.ts';

/** A stretch of time, UTC milliseconds. */
type Range = { readonly startMs: number; readonly endMs: number };

/** What recovered media leaves of a gap is none when it is shorter than this: pictures and sound end at different points. Milliseconds. */
const LEAST_GAP_MS = 100;

/** A segment that begins and ends this close to its place on the grid is whole, milliseconds. */
const WHOLE_MS = 400;

/**
 * The time for which a segment that came late stands. On the grid it is its place there, wherever its first picture is; where segments
 * follow keyframes it may end behind it, when the next one begins.
 *
 * @param gridUnits how many D one segment lasts
 */
export function recoveredBy(
  segment: Pick<Segment, 'number' | 'startTicks' | 'durationTicks'> & {
    readonly init: Pick<Segment['init'], 'timescaleHz'>;
  },
  gridUnits: number,
): Range {
  const { number, init, startTicks, durationTicks } = segment;
  const gridMs = segmentStartMs(number, gridUnits);
  const nextMs = segmentStartMs(number + 1, gridUnits);
  const mediaMs = (startTicks / init.timescaleHz) * 1000;
  const endMs = Math.ceil(((startTicks + durationTicks) / init.timescaleHz) * 1000);
  return {
    startMs: mediaMs > gridMs + WHOLE_MS ? Math.floor(mediaMs) : gridMs,
    endMs: endMs < nextMs - WHOLE_MS ? endMs : Math.max(nextMs, endMs),
  };
}

/** Joins ranges that touch or overlap; oldest first. */
export function joinRanges(ranges: readonly Range[]): Range[] {
  const joined: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = joined.at(-1);
    if (last !== undefined && range.startMs <= last.endMs) {
      joined[joined.length - 1] = { startMs: last.startMs, endMs: Math.max(last.endMs, range.endMs) };
    } else joined.push({ startMs: range.startMs, endMs: range.endMs });
  }
  return joined;
}

/**
 * What is left of the gaps of a broadcast, and when it ended, where media that came late was recorded.
 *
 * @param aired its gaps and its end as they were on air; null while it is on air
 * @param recovered times whose media came late; joined
 */
export function withRecovered(
  aired: { readonly gaps: readonly Range[]; readonly endMs: number | null },
  recovered: readonly Range[],
): { readonly gaps: Range[]; readonly endMs: number | null } {
  const known = recovered.map(({ startMs, endMs }) => ({ fromMs: startMs, toMs: endMs }));
  const gaps = aired.gaps.flatMap(({ startMs, endMs }) =>
    subtractRanges({ fromMs: startMs, toMs: endMs }, known)
      .filter(({ fromMs, toMs }) => toMs - fromMs >= LEAST_GAP_MS || (fromMs === startMs && toMs === endMs))
      .map(({ fromMs, toMs }) => ({ startMs: fromMs, endMs: toMs })),
  );
  // What it ended with was a stall: its media goes on where the slate began.
  const rest = recovered.find(
    ({ startMs, endMs }) => aired.endMs !== null && startMs <= aired.endMs && endMs > aired.endMs,
  );
  return { gaps, endMs: rest?.endMs ?? aired.endMs };
}
