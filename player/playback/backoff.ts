const FIRST_MS = 500;
const LONGEST_MS = 10_000;
const LEAST_MS = 200;

/**
 * How long to wait before the next attempt: full jitter, so that a school whose line came back does not arrive all at once.
 *
 * @param failures attempts that failed in a row, ≥ 1
 * @param random from 0 to 1
 * @returns milliseconds, 200 to 10,000
 */
export function backoffMs(failures: number, random: number): number {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(16, failures));
  return Math.max(LEAST_MS, Math.round(random * most));
}
