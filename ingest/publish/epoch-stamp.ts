/** Arrival and timestamp of a media packet received while probing. */
export type Arrival = {
  /** UTC milliseconds. */
  readonly arrivalMs: number;
  /** Unwrapped RTMP timestamp, milliseconds. */
  readonly timestampMs: number;
};

/**
 * Computes the epoch stamp of a publication: the UTC of its RTMP timestamp 0.
 *
 * Each packet bounds it from above: timestamp 0 was no later than arrival − timestamp. The smallest bound is the best, so neither
 * a delayed packet nor a burst of old packets at the start makes the stamp later.
 *
 * @param arrivals media packets (no sequence headers, no metadata), at least one
 * @param notBeforeMs end of the channel's previous broadcast in media time, UTC milliseconds; 0 when there was none.
 *   No packet is placed before it
 * @returns milliseconds since the epoch
 * @see design.md §2 Time
 */
export function epochOffsetMs(arrivals: readonly [Arrival, ...Arrival[]], notBeforeMs: number): number {
  let offsetMs = Number.POSITIVE_INFINITY;
  let earliestMs = Number.POSITIVE_INFINITY;
  for (const { arrivalMs, timestampMs } of arrivals) {
    offsetMs = Math.min(offsetMs, arrivalMs - timestampMs);
    earliestMs = Math.min(earliestMs, timestampMs);
  }
  return Math.max(offsetMs, notBeforeMs - earliestMs);
}
