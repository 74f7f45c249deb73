/** The source of the time. Pure code takes a time as an argument; only main functions and adapters use a Clock. */
export type Clock = {
  /** UTC in milliseconds since the epoch; may carry a fraction. */
  nowMs(): number;
};

/**
 * The machine's clock. All transcoders and origins must agree on UTC, so the machines need NTP.
 */
export const systemClock: Clock = { nowMs: () => Date.now() };
