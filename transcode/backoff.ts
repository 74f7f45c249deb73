/**
 * Computes the delay before a retry, with full jitter so that a thousand uplinks do not reconnect at once. Pure.
 *
 * @param attempt 0 for the first try after a failure
 * @param firstMs upper bound of the first wait, milliseconds; it doubles from there
 * @param maxMs upper bound of all waits
 * @param random 0 to 1
 * @returns milliseconds
 */
export function backoffMs(attempt: number, firstMs: number, maxMs: number, random: number): number {
  return random * Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30));
}

/** Failures within {@link FAILURE_WINDOW_MS} after which the session ends. */
const MAX_FAILURES = 6;
const FAILURE_WINDOW_MS = 60_000;

/**
 * Decides about a restart of ffmpeg. Pure.
 *
 * The first restart is immediate; the following ones wait 0.25, 0.5, 1 and 2 s.
 *
 * @param failuresMs times of the failures, milliseconds, ascending; the last is the newest
 * @returns milliseconds to wait, or null when it failed six times in a minute
 */
export function restartDelayMs(failuresMs: readonly number[]): number | null {
  const newest = failuresMs.at(-1) ?? 0;
  const recent = failuresMs.filter((at) => newest - at < FAILURE_WINDOW_MS).length;
  if (recent >= MAX_FAILURES) return null;
  return recent <= 1 ? 0 : 250 * 2 ** (recent - 2);
}
