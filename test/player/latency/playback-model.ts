import { LatencyController } from '../../../player/latency/latency-controller.ts';
import { type LatencyTuning, tuningFor } from '../../../player/latency/tuning.ts';

/** A network and a player, simulated: parts land when `landsAtMs` says, the playhead moves at the speed that is asked. */
export type Simulation = {
  readonly partTargetMs: number;
  readonly lastsMs: number;
  /** How long after its last frame was made part i is in the buffer, in milliseconds. */
  readonly delayMs: (part: number, madeAtMs: number) => number;
  /** Forward buffer when playback starts, in milliseconds. */
  readonly startBufferMs?: number;
  readonly following?: boolean;
  /** That of the part target where there is none. */
  readonly tuning?: LatencyTuning;
  /** Media clock against the page's clock: 1.0001 is a teacher whose machine runs fast. */
  readonly drift?: number;
};

/** What happened, at one of the steps of 10 ms. */
export type Step = {
  readonly atMs: number;
  readonly lagMs: number;
  readonly rate: number;
  readonly bufferMs: number;
};

/** What came of a simulation. */
export type Outcome = {
  readonly steps: readonly Step[];
  /** Times at which the buffer ran dry. */
  readonly stallsAtMs: readonly number[];
  readonly seeksAtMs: readonly number[];
  readonly rateChanges: number;
};

const STEP_MS = 10;

/** Runs the latency controller against a simulated network. Media time 0 is made at clock time 0. */
export function simulate(simulation: Simulation): Outcome {
  const {
    partTargetMs: part,
    lastsMs,
    delayMs,
    startBufferMs = 1.5 * part + 50,
    following = true,
    tuning = tuningFor(part),
    drift = 1,
  } = simulation;
  const controller = new LatencyController(tuning);
  const steps: Step[] = [];
  const stallsAtMs: number[] = [];
  const seeksAtMs: number[] = [];
  const beginMs = 10_000;
  const landings: { atMs: number; endMs: number }[] = [];
  let earliestMs = 0;
  for (let i = 0; i * part < (beginMs + lastsMs) * drift; i++) {
    const madeAtMs = ((i + 1) * part) / drift;
    // Parts land in order: what was made later waits for what was made before it.
    earliestMs = Math.max(earliestMs, madeAtMs + delayMs(i, madeAtMs));
    landings.push({ atMs: earliestMs, endMs: (i + 1) * part });
  }
  let next = landings.findIndex((landing) => landing.atMs > beginMs);
  let endMs = landings[next - 1]?.endMs ?? 0;
  let playheadMs = endMs - startBufferMs;
  let rate = 1;
  let rateChanges = 0;
  let dry = false;
  for (let nowMs = beginMs; nowMs < beginMs + lastsMs; nowMs += STEP_MS) {
    for (
      let landing = landings[next];
      landing !== undefined && landing.atMs <= nowMs;
      landing = landings[next]
    ) {
      endMs = landing.endMs;
      next++;
    }
    if (dry && endMs - playheadMs > 40) dry = false;
    if (!dry) playheadMs = Math.min(endMs, playheadMs + STEP_MS * rate);
    if (!dry && endMs - playheadMs <= 0) {
      dry = true;
      stallsAtMs.push(nowMs - beginMs);
      controller.stalled(nowMs);
    }
    const decision = controller.decide({
      ...{ nowMs, playheadMs, bufferEndMs: endMs, edgeMs: endMs },
      ...{ ready: !dry, moving: !dry, following },
    });
    if (decision.rate !== rate) rateChanges++;
    rate = decision.rate;
    if (decision.seekToMs !== null) {
      seeksAtMs.push(nowMs - beginMs);
      playheadMs = Math.min(decision.seekToMs, endMs);
    }
    steps.push({ atMs: nowMs - beginMs, lagMs: nowMs - playheadMs, rate, bufferMs: endMs - playheadMs });
  }
  return { steps, stallsAtMs, seeksAtMs, rateChanges };
}
