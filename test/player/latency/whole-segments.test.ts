import assert from 'node:assert/strict';
import { tuningForSegments } from '../../../player/latency/tuning.ts';
import { type Outcome, simulate } from './playback-model.ts';

/** From the encoder to the playlist, and of one segment on the line, in milliseconds. */
const [ENCODED_MS, TRANSFER_MS] = [300, 150];

/** A page on such a line, for two minutes. */
function far(roundTripMs: number, jitterMs: (segment: number) => number = () => 0): Outcome {
  const tuning = tuningForSegments(roundTripMs);
  return simulate({
    ...{ partTargetMs: 1600, tuning, startBufferMs: tuning.startHoldMs, lastsMs: 120_000 },
    // Half a round trip for the answer that was held, one for the segment.
    delayMs: (segment) => ENCODED_MS + 1.5 * roundTripMs + TRANSFER_MS + jitterMs(segment),
  });
}

describe('whole segments whose playlist waits at the server', () => {
  for (const { roundTripMs, withinS } of [
    { roundTripMs: 150, withinS: 2.75 },
    { roundTripMs: 300, withinS: 3 },
    { roundTripMs: 800, withinS: 3.9 },
  ]) {
    it(`are played ${withinS} s behind at a round trip of ${roundTripMs} ms, without a stall`, () => {
      const { steps, stallsAtMs } = far(roundTripMs);
      assert.deepEqual(stallsAtMs, []);
      const lagMs = Math.max(...steps.filter(({ atMs }) => atMs > 60_000).map((step) => step.lagMs));
      assert.ok(lagMs <= withinS * 1000, `lag ${lagMs}`);
    });
  }

  for (const { roundTripMs, each } of [
    { roundTripMs: 150, each: 5 },
    { roundTripMs: 300, each: 2 },
    { roundTripMs: 300, each: 9 },
    { roundTripMs: 800, each: 7 },
  ]) {
    it(`cost no stall once the line is known: ${roundTripMs} ms, twice for one segment in ${each}`, () => {
      const { stallsAtMs } = far(roundTripMs, (segment) => (segment % each === 0 ? roundTripMs : 0));
      assert.deepEqual(
        stallsAtMs.filter((atMs) => atMs > 40_000),
        [],
      );
    });
  }
});
