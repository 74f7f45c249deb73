import { SEGMENT_DURATION_MS } from '../../shared/grid.ts';

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

/** Distance from the playlist's end at which segments start to play where the playlist comes late by chance, in milliseconds. */
const POLLED_HOLD_MS = 2 * SEGMENT_DURATION_MS;
/** On a quiet line, what is buffered when the next segment arrives, in milliseconds. */
const SEGMENT_MARGIN_MS = 300;
/** A packet that is lost costs a round trip: this share of one is buffered on top. */
const ROUND_TRIP_SHARE = 0.25;

/**
 * Chooses how to play a channel by its part target, by which the profiles differ in the playlist: 0.2 s is `fast`,
 * 0.4 s `steady`, 0.8 s `broad`.
 *
 * @param partTargetMs EXT-X-PART-INF in milliseconds; 0 where a playlist has no parts
 */
export function tuningFor(partTargetMs: number): LatencyTuning {
  if (partTargetMs <= 0) return tuningForSegments(null);
  const part = partTargetMs;
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

/**
 * Chooses how to play whole segments.
 *
 * Where the server holds the playlist until the next segment is whole, that is known half a round trip later and is here after one
 * more: a segment's duration, 1.5 round trips and the margin behind live. From the end of the playlist, which has half a round trip
 * behind it when it comes, that is a segment, a round trip and the margin.
 *
 * @param roundTripMs to the server, in milliseconds; null where the playlist is asked for now and then
 */
export function tuningForSegments(roundTripMs: number | null): LatencyTuning {
  const isPolled = roundTripMs === null;
  const marginMs = isPolled
    ? 0.375 * SEGMENT_DURATION_MS
    : SEGMENT_MARGIN_MS + ROUND_TRIP_SHARE * roundTripMs;
  return {
    partTargetMs: SEGMENT_DURATION_MS,
    marginMs,
    deadbandMs: isPolled ? 200 : 100,
    stallRaiseMs: 0.2 * SEGMENT_DURATION_MS,
    maxRaiseMs: 2 * SEGMENT_DURATION_MS,
    maxJitterMs: 1.5 * SEGMENT_DURATION_MS,
    jumpBehindMs: 8000,
    joinJumpMs: 4 * SEGMENT_DURATION_MS,
    stallJumpMs: 2 * SEGMENT_DURATION_MS,
    startJumpMs: 6 * SEGMENT_DURATION_MS,
    maxBehindMs: 8500,
    startHoldMs: isPolled ? POLLED_HOLD_MS : SEGMENT_DURATION_MS + roundTripMs + marginMs,
  };
}
