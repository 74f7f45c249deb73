/** Where the time comes from. Pure code takes a time as an argument; only wiring asks a Clock. */
export type Clock = {
  /** UTC in milliseconds since the epoch; may carry a fraction. */
  nowMs(): number;
};

/**
 * The machine's clock, as the operator's NTP keeps it: every transcoder and origin must agree on UTC.
 */
export const systemClock: Clock = { nowMs: () => Date.now() };
