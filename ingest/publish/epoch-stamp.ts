/** A media packet of the probing time: when it came, and what its timestamp says. */
export type Arrival = {
  /** UTC milliseconds. */
  readonly arrivalMs: number;
  /** Unwrapped RTMP timestamp, milliseconds. */
  readonly timestampMs: number;
};

/**
 * Takes the one stamp of a broadcast: UTC of its RTMP timestamp 0.
 *
 * Each packet says "timestamp 0 was no later than my arrival minus my timestamp", so the smallest is the best: a packet
 * that was held up, or a burst of old ones at the start, makes the stamp no later.
 *
 * @param arrivals media packets (no sequence headers, no metadata), at least one
 * @param notBeforeMs end of the channel's previous broadcast in media time, UTC milliseconds; 0 when there was none.
 *   No packet of this broadcast is placed before it
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
