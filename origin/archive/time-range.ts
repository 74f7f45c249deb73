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
