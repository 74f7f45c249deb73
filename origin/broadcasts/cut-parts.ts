import { SEGMENT_DURATION_MS } from '../../shared/grid.ts';
import type { TimeRange } from '../archive/time-range.ts';
import type { BroadcastLibrary } from './broadcast-library.ts';
import { type BroadcastRecord, replayRange } from './broadcast-record.ts';

/**
 * What was cut off the recordings of a channel: what is before and after each replay, and all of a deleted broadcast; but not what
 * another broadcast's replay shows.
 *
 * @param broadcasts those of the channel, deleted ones included
 */
export function cutRanges(broadcasts: readonly BroadcastRecord[]): TimeRange[] {
  const cut: TimeRange[] = [];
  const shown: TimeRange[] = [];
  for (const broadcast of broadcasts) {
    const { startMs, endMs, deletedMs } = broadcast;
    const range = replayRange(broadcast);
    if (deletedMs !== undefined) cut.push({ fromMs: startMs, toMs: endMs ?? startMs });
    else if (range === null || endMs === null)
      shown.push({ fromMs: startMs, toMs: Number.POSITIVE_INFINITY });
    else {
      shown.push(range);
      if (range.fromMs > startMs) cut.push({ fromMs: startMs, toMs: range.fromMs });
      if (range.toMs < endMs) cut.push({ fromMs: range.toMs, toMs: endMs });
    }
  }
  return cut.flatMap((range) => without(range, shown)).toSorted((a, b) => b.toMs - a.toMs);
}

/** The parts of a range that no other one covers. */
function without(range: TimeRange, others: readonly TimeRange[]): TimeRange[] {
  let left: TimeRange[] = [range];
  for (const { fromMs, toMs } of others) {
    left = left.flatMap((piece) =>
      toMs <= piece.fromMs || fromMs >= piece.toMs
        ? [piece]
        : [
            { fromMs: piece.fromMs, toMs: fromMs },
            { fromMs: toMs, toMs: piece.toMs },
          ].filter((rest) => rest.toMs > rest.fromMs),
    );
  }
  return left;
}

/** How long the ranges of a channel are used before they are computed again, milliseconds. */
const FRESH_MS = 1000;

/** Knows what was cut off the recordings of each channel. It answers to editors alone, until it is erased. */
export class CutParts {
  readonly #library: Pick<BroadcastLibrary, 'of' | 'deletedOf'>;
  readonly #nowMs: () => number;
  readonly #known = new Map<string, { readonly ranges: readonly TimeRange[]; readonly madeMs: number }>();

  /** @param nowMs UTC milliseconds */
  constructor(library: Pick<BroadcastLibrary, 'of' | 'deletedOf'>, nowMs: () => number) {
    this.#library = library;
    this.#nowMs = nowMs;
  }

  /**
   * Whether a segment lies in a cut part as a whole: what stands at its edge is shown.
   *
   * @param number segment number; on the double grid of passthrough, or on the plain one. As the other it would be of another century
   */
  hasSegment(channel: string, number: number): boolean {
    const ranges = this.#of(channel);
    // Almost every request is for the present.
    if (ranges.length === 0) return false;
    return [SEGMENT_DURATION_MS, 2 * SEGMENT_DURATION_MS].some(
      (lengthMs) =>
        number * lengthMs < (ranges[0]?.toMs ?? 0) &&
        ranges.some(({ fromMs, toMs }) => number * lengthMs >= fromMs && (number + 1) * lengthMs <= toMs),
    );
  }

  /** Whether any of a range was cut. */
  touches(channel: string, range: TimeRange): boolean {
    return this.#of(channel).some(({ fromMs, toMs }) => fromMs < range.toMs && toMs > range.fromMs);
  }

  /** Forgets what is known of a channel, whose broadcast was just changed here. */
  changed(channel: string): void {
    this.#known.delete(channel);
  }

  #of(channel: string): readonly TimeRange[] {
    const nowMs = this.#nowMs();
    const known = this.#known.get(channel);
    if (known !== undefined && Math.abs(nowMs - known.madeMs) < FRESH_MS) return known.ranges;
    const ranges = cutRanges([...this.#library.of(channel), ...this.#library.deletedOf(channel)]);
    this.#known.set(channel, { ranges, madeMs: nowMs });
    return ranges;
  }
}
