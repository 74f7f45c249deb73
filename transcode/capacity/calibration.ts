import type { PlannedRung } from '../ladder-plan.ts';
import type { PlanLevel } from '../plan/plan-level.ts';

/** What pictures cost on a machine, in core-seconds. */
export type Calibration = {
  /** Decoding of a million pixels. */
  readonly decodePerMegapixel: number;
  /** Scaling to a rung and encoding of one picture, by {@link rungKey}. */
  readonly perPicture: Readonly<Record<string, number>>;
};

/** What a broadcast's encoders do, as far as it costs: groups with one decoder each. */
export type PlanLoad = Pick<PlanLevel, 'groups'>;

/** The picture that a broadcast's plans are made from. */
export type PlanSource = {
  /** Pixels; 0 when unknown, which counts as the size of the best rung. */
  readonly width: number;
  readonly height: number;
  /** Pictures a second on the grid. */
  readonly frameRate: number;
};

/** Names a rung with its preset: `1280x720@2200 superfast`. */
export function rungKey(rung: PlannedRung, preset: string): string {
  return `${rung.widthPx}x${rung.heightPx}@${rung.bitRateKbps} ${preset}`;
}

/** Before anything is measured: a real clip of 720p25 on a server of 2026, in core-seconds a million pixels. */
const STANDARD_DECODE = 0.004;
const STANDARD_ENCODE = 0.0115;
const PRESET_FACTOR: Readonly<Record<string, number>> = {
  ...{ ultrafast: 0.6, superfast: 1, veryfast: 1.5, faster: 2, fast: 2.6, medium: 3.5 },
};
/** Half the pictures cost more than half: they differ more from each other (measured: 0.57). */
const HALF_RATE = 1.14;
/** A broadcast whose pictures are passed through, or that has none: repackaging, cores. */
const COPY_CORES = 0.02;

/** What is assumed of a machine before it is calibrated. */
export const STANDARD_CALIBRATION: Calibration = { decodePerMegapixel: STANDARD_DECODE, perPicture: {} };

/**
 * Estimates what a plan costs, from what was measured on this machine; a rung that was not measured is estimated from its size and
 * the machine's speed. Pure.
 *
 * @returns cores, that is core-seconds for a second of media
 */
export function planCores(plan: PlanLoad, source: PlanSource, calibration: Calibration): number {
  if (plan.groups.length === 0) return COPY_CORES;
  const best = plan.groups
    .flatMap(({ rungs }) => rungs)
    .reduce((most, rung) => Math.max(most, pixels(rung)), 0);
  const sourcePixels = source.width * source.height || best;
  const decode = (sourcePixels / 1e6) * calibration.decodePerMegapixel * source.frameRate;
  return plan.groups.reduce((sum, { rungs, preset, frameStep }) => {
    const rate = frameStep === 1 ? source.frameRate : (source.frameRate / 2) * HALF_RATE;
    return sum + decode + rungs.reduce((all, rung) => all + picture(rung, preset, calibration) * rate, 0);
  }, 0);
}

/** Core-seconds of one picture of a rung. */
function picture(rung: PlannedRung, preset: string, { perPicture, decodePerMegapixel }: Calibration): number {
  const measured = perPicture[rungKey(rung, preset)];
  if (measured !== undefined) return measured;
  const slowness = decodePerMegapixel / STANDARD_DECODE;
  return (pixels(rung) / 1e6) * STANDARD_ENCODE * (PRESET_FACTOR[preset] ?? 1) * slowness;
}

function pixels(rung: PlannedRung): number {
  return rung.widthPx * rung.heightPx;
}
