/** How a latency profile is played: what the latency controller needs to know about a channel. */
export type LatencyTuning = {
  /** Part target duration (EXT-X-PART-INF, RFC 8216bis §4.4.3.7), in milliseconds. */
  readonly partTargetMs: number;
  /** What must still be buffered when the next part arrives, on a network without jitter; in milliseconds. */
  readonly marginMs: number;
  /** Speed stays 1 while the distance from the goal is within this; in milliseconds. */
  readonly deadbandMs: number;
  /** What one stall adds to the goal, and the most that all stalls add; in milliseconds. */
  readonly stallRaiseMs: number;
  readonly maxRaiseMs: number;
  /** The most that learned jitter adds to the goal; in milliseconds. */
  readonly maxJitterMs: number;
  /** Further behind the goal than this, the playhead jumps; in milliseconds. */
  readonly jumpBehindMs: number;
  /** The same in the first moments after joining and after a stall, and while a stall lasts. */
  readonly joinJumpMs: number;
  readonly stallJumpMs: number;
  /** Until the first moving pictures: further behind the playlist's edge than this and `startHoldMs`, it jumps. */
  readonly startJumpMs: number;
  /** Further behind the playlist's edge than this and `startHoldMs`, it jumps beyond what is buffered. */
  readonly maxBehindMs: number;
  /** Distance from the playlist's edge at which playback starts; in milliseconds. */
  readonly startHoldMs: number;
};

/**
 * Chooses how to play a channel by its part target, by which the profiles differ in the playlist: 0.2 s is `fast`,
 * 0.4 s `steady`, 0.8 s `broad`.
 *
 * @param partTargetMs EXT-X-PART-INF in milliseconds; 0 where a playlist has no parts
 */
export function tuningFor(partTargetMs: number): LatencyTuning {
  const part = partTargetMs > 0 ? partTargetMs : 1600;
  return {
    partTargetMs: part,
    // 105, 150 and 300 ms: Chromium runs dry with some 100 ms still buffered, since its sound is decoded ahead.
    marginMs: part <= 200 ? 105 : 0.375 * part,
    deadbandMs: Math.max(35, 0.125 * part),
    stallRaiseMs: 0.2 * part,
    maxRaiseMs: 2 * part,
    maxJitterMs: 1.5 * part,
    jumpBehindMs: part <= 200 ? 2000 : part <= 400 ? 4000 : 8000,
    joinJumpMs: 4 * part,
    stallJumpMs: 2 * part,
    startJumpMs: 6 * part,
    maxBehindMs: part <= 200 ? 2500 : part <= 400 ? 4500 : 8500,
    // The next part arrives within one part's duration, and the decoder needs longer than a margin for its first picture.
    startHoldMs: part,
  };
}
