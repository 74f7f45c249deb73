import type { Ladder } from '../../config/schema.ts';
import type { TranscodeJob } from '../job.ts';
import type { PicturePlan } from '../ladder-plan.ts';
import { fitsOneCore, pixelCost, type PlanCost } from './plan-cost.ts';
import { type PlanLevel, planLevels } from './plan-level.ts';

/** The levels of a broadcast, and an estimate of what each costs. */
export type BroadcastLevels = {
  /** Level i at index i. */
  readonly plans: readonly [PlanLevel, ...PlanLevel[]];
  readonly cost: PlanCost;
};

/**
 * Plans the levels of a broadcast whose pictures are encoded. Its session carries them out, and the worker's capacity counts with
 * them. Pure.
 */
export function levelsOf(
  picture: Extract<PicturePlan, { kind: 'encode' }>,
  video: TranscodeJob['video'],
  ladder: Ladder,
): BroadcastLevels {
  const { rungs, frameRate } = picture;
  const cost = pixelCost(video ?? { width: 0, height: 0 }, rungs[0], frameRate);
  // The one codec that every channel's viewers play.
  const canCopy = video?.codec === 'h264' && video.notPlayed === undefined;
  return { plans: planLevels(rungs, ladder.preset, ladder.shed, canCopy, fitsOneCore(cost)), cost };
}
