/** Bounds of the wait before another attempt, in milliseconds. */
export type BackoffBounds = {
  /** The most after no failure; it doubles with each. */
  readonly firstMs: number;
  readonly longestMs: number;
  readonly leastMs: number;
};

/** Playback and the pages' own requests: a class is worth a try every ten seconds. */
const PLAYBACK: BackoffBounds = { firstMs: 500, longestMs: 10_000, leastMs: 200 };
/** The roll call, whose connections break for 18,000 students in one moment. */
export const ROLL_CALL_BACKOFF: BackoffBounds = { firstMs: 1000, longestMs: 30_000, leastMs: 0 };

/**
 * How long to wait before the next attempt: anything up to a bound that doubles (full jitter), so that a school whose network
 * came back does not arrive all at once.
 *
 * @param failures attempts that failed in a row, ≥ 0
 * @param random from 0 to 1
 * @returns milliseconds, within the bounds
 */
export function backoffMs(failures: number, random: number, bounds: BackoffBounds = PLAYBACK): number {
  const mostMs = Math.min(bounds.longestMs, bounds.firstMs * 2 ** Math.min(16, failures));
  return Math.max(bounds.leastMs, Math.round(random * mostMs));
}
