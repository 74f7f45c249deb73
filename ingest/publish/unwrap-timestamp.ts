const PERIOD_MS = 2 ** 32;
/** ffmpeg reads a first timestamp within the last minute before the wrap as negative; Lectern has to agree with it. */
const NEGATIVE_SPAN_MS = 60_000;

/**
 * Removes the wraps of 32-bit RTMP timestamps (RTMP 1.0 §5.3.1: "timestamps roll over every 49 days").
 *
 * @param lastMs the last unwrapped timestamp, milliseconds; null at the start
 * @param timestampMs 0 ≤ t < 2^32
 * @returns the value nearest to `lastMs` that equals `timestampMs` modulo 2^32; may be negative
 */
export function unwrapTimestampMs(lastMs: number | null, timestampMs: number): number {
  if (lastMs === null)
    return timestampMs >= PERIOD_MS - NEGATIVE_SPAN_MS ? timestampMs - PERIOD_MS : timestampMs;
  return timestampMs + Math.round((lastMs - timestampMs) / PERIOD_MS) * PERIOD_MS;
}
