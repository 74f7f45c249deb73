/** The source of the time. Pure code takes a time as an argument; only main functions and adapters use a Clock. */
export type Clock = {
  /** UTC in milliseconds since the epoch; may carry a fraction. */
  nowMs(): number;
  /**
   * Calls back before a time is given to which this process was not awake, with the milliseconds of UTC that passed without it:
   * negative where the clock was set back. There is none on a clock that nobody watches.
   */
  onMissed?(listener: (missedMs: number) => void): void;
};

/**
 * The machine's clock. All transcoders and origins must agree on UTC, so the machines need NTP.
 */
export const systemClock: Clock = { nowMs: () => Date.now() };
