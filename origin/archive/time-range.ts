/** A stretch of a channel. */
export type TimeRange = {
  /** UTC milliseconds. */
  readonly fromMs: number;
  /** UTC milliseconds; not part of the range. */
  readonly toMs: number;
};

/** Whether a time lies in a range. */
export function isWithin(timeMs: number, { fromMs, toMs }: TimeRange): boolean {
  return timeMs >= fromMs && timeMs < toMs;
}

/**
 * The pieces of a range that no other range covers, oldest first.
 *
 * @param others in any order; they may overlap, and an empty one takes nothing
 */
export function subtractRanges(range: TimeRange, others: readonly TimeRange[]): TimeRange[] {
  let left: TimeRange[] = [range];
  for (const { fromMs, toMs } of others) {
    if (toMs <= fromMs) continue;
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
