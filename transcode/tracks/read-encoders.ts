import type { Arrivals } from '../plan/arrivals.ts';
import type { PlanCost } from '../plan/plan-cost.ts';
import type { Progress } from '../plan/progress.ts';
import type { EncoderReading } from '../plan/step-controller.ts';
import type { CopyRun } from './copy-run.ts';
import { EncoderRun } from './encoder-run.ts';

/** A run that produces some tracks, or is about to. */
export type ActiveRun = {
  readonly run: EncoderRun | CopyRun;
  readonly progress: Progress;
  /** When it was started, monotonic milliseconds. */
  readonly startedMs: number;
  /** Whether its pictures are in a track. */
  isProducing(): boolean;
};

/** The lag of a new encoder counts from this time on, milliseconds. */
const START_PATIENCE_MS = 4000;
/** What an encoder that takes so long to begin is assumed to get of what it needs. */
const RATE_AT_A_LONG_START = 0.25;

/**
 * Measures how far encoders are behind. What publishers' own pictures take is nothing.
 *
 * @param cost of a plan; the runs are weighted by it
 * @param nowMs monotonic
 */
export function readEncoders(
  active: ReadonlySet<ActiveRun>,
  arrivals: Arrivals,
  cost: PlanCost,
  nowMs: number,
): Omit<EncoderReading, 'roomCores' | 'idleCores' | 'grantedLevel'> {
  let [lagMs, rate, silentMs, got, needed] = [0, Number.POSITIVE_INFINITY, 0, 0, 0];
  let isChanging = false;
  for (const { run, progress, startedMs, isProducing } of active) {
    if (!(run instanceof EncoderRun)) continue;
    if (!isProducing() && nowMs - startedMs < START_PATIENCE_MS) {
      isChanging = true;
      continue;
    }
    progress.add(run.nextFrame, nowMs);
    const hasBegun = run.nextFrame > run.firstFrame;
    const runRate = hasBegun ? progress.rate : RATE_AT_A_LONG_START;
    lagMs = Math.max(lagMs, arrivals.lagMs(run.nextFrame, nowMs));
    rate = Math.min(rate, runRate);
    if (hasBegun) silentMs = Math.max(silentMs, progress.silentMs(nowMs));
    const cores = cost({ groups: [run.group] });
    got += cores * Math.min(1, runRate);
    needed += cores;
  }
  return { nowMs, lagMs, rate, silentMs, share: needed > 0 ? got / needed : 1, isChanging };
}
