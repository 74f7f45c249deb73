const PERIOD_MS = 2 ** 32;
/** ffmpeg reads a first timestamp within the last minute before the wrap as a negative one; so do we, to agree with it. */
const NEGATIVE_SPAN_MS = 60_000;

/**
 * Lays 32-bit RTMP timestamps on a line without wraps (RTMP 1.0 §5.3.1: "timestamps roll over every 49 days").
 *
 * @param lastMs the line's last value, milliseconds; null at the start
 * @param timestampMs 0 ≤ t < 2^32
 * @returns the value nearest to `lastMs` that equals `timestampMs` modulo 2^32; may be negative
 */
export function unwrapTimestampMs(lastMs: number | null, timestampMs: number): number {
  if (lastMs === null)
    return timestampMs >= PERIOD_MS - NEGATIVE_SPAN_MS ? timestampMs - PERIOD_MS : timestampMs;
  return timestampMs + Math.round((lastMs - timestampMs) / PERIOD_MS) * PERIOD_MS;
}
