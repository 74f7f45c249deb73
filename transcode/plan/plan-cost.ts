import type { PlannedRung } from '../ladder-plan.ts';
import type { EncodingGroup, PlanLevel } from './plan-level.ts';

/** Computing power that the encoders of a plan need, cores; 0 without encoders. */
export type PlanCost = (plan: Pick<PlanLevel, 'groups'>) => number;

/** Core-seconds a million pixels, measured with a real clip of 720p25 (docs/benchmarks.md). */
const DECODE = 0.004;
const ENCODE = 0.011;
/** Cost of a preset as a share of `superfast`, measured likewise. */
const PRESET_FACTOR: Readonly<Record<string, number>> = {
  ultrafast: 0.62,
  superfast: 1,
  veryfast: 1.4,
  faster: 2,
  fast: 2.4,
  medium: 3,
};

/** One ffmpeg may need this share of a core: the rest is for pictures that cost more than others. */
const ONE_CORE = 0.65;

/** Whether one ffmpeg can encode a group in time: before 7.0 it encodes all its outputs one after the other. */
export function fitsOneCore(cost: PlanCost): (group: EncodingGroup) => boolean {
  return (group) => cost({ groups: [group] }) <= ONE_CORE;
}

/**
 * Estimates the costs of a broadcast's plans from the numbers of pixels. Pure.
 *
 * @param source size and frame rate of the publisher's picture; a size of 0 counts as that of the best rung
 * @param best the best rung; undefined where there is none
 */
export function pixelCost(
  source: { readonly width: number; readonly height: number },
  best: PlannedRung | undefined,
  frameRate: number,
): PlanCost {
  const sourcePixels = source.width * source.height || (best?.widthPx ?? 0) * (best?.heightPx ?? 0);
  return ({ groups }) =>
    groups.reduce((sum, { rungs, preset, frameStep }) => {
      const pixels = rungs.reduce((all, rung) => all + rung.widthPx * rung.heightPx, 0);
      const encode = (pixels * ENCODE * (PRESET_FACTOR[preset] ?? 1)) / frameStep;
      return sum + ((sourcePixels * DECODE + encode) * frameRate) / 1e6;
    }, 0);
}
