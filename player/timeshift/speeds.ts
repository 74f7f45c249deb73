import { memorize, recalled } from '../ui/browser-memory.ts';

/** Speeds that may be chosen. */
export const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2] as const;

/**
 * The next speed up or down.
 *
 * @param speed one of {@link SPEEDS}
 * @param steps 1 for faster, -1 for slower
 */
export function nextSpeed(speed: number, steps: number): number {
  const at = SPEEDS.findIndex((known) => known === speed);
  return SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at + steps))] ?? 1;
}

/** Parses a stored speed; 1 for anything else. */
export function parseSpeed(stored: string | null): number {
  return SPEEDS.find((known) => String(known) === stored) ?? 1;
}

const KEY = 'lectern.speed';

/** The speed of the last visit. */
export function recallSpeed(): number {
  return parseSpeed(recalled(KEY));
}

/** Remembers the speed for the next replay. */
export function rememberSpeed(speed: number): void {
  memorize(KEY, String(speed));
}
