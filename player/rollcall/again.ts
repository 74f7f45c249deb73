const FIRST_MS = 1000;
const MOST_MS = 30_000;

/**
 * How long to wait before the roll call is tried again: anything up to a bound that doubles, so that 18,000 students whose line
 * broke in one moment do not come back in one.
 *
 * @param failures attempts that failed before this one, ≥ 0
 * @param random from 0 to 1
 * @returns milliseconds, 0 to 30,000
 */
export function fullJitterMs(failures: number, random: number): number {
  return random * Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(16, failures));
}
