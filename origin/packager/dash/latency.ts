/** How far behind the clock a DASH player is to play, in milliseconds of media time (ISO/IEC 23009-1 §K.3.2.2.2). */
export type LatencyTargets = {
  readonly targetMs: number;
  readonly minMs: number;
  /** Past it dash.js seeks instead of playing faster. */
  readonly maxMs: number;
};

/** The longest that a part takes from the encoder to the origin on a machine that is not overloaded, milliseconds. */
const PIPELINE_MS = 400;

/**
 * The latency that a part duration allows. A part of length P ends P after it begins and reaches the origin up to
 * PIPELINE_MS later. The buffer of a player that is closer than P + PIPELINE_MS therefore runs empty: that is the minimum.
 * The target is one part and 100 ms above it: dash.js moves the rate in steps and its buffer in whole chunks, and each
 * stall costs more than it gains.
 *
 * @param partTargetMs part target duration, milliseconds: 200, 400, 800 give targets of 900, 1300, 2100
 */
export function latencyTargets(partTargetMs: number): LatencyTargets {
  const minMs = PIPELINE_MS + partTargetMs;
  const targetMs = minMs + partTargetMs + 100;
  return { targetMs, minMs, maxMs: 3 * targetMs };
}
