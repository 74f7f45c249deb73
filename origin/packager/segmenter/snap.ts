import type { Sample } from '../../../media/bmff/sample.ts';
import { AAC_FRAME_SAMPLES } from '../../../shared/grid.ts';
import type { TrackInit } from '../media.ts';

/** A sample's corrected time. */
export type Placement = {
  /** Decode time, ticks since the epoch. */
  readonly startTicks: number;
  readonly durationTicks: number;
};

/** Corrects the times of samples, given in decode order; null for one that lies too far back and must be dropped. */
export type Snap = (sample: Sample) => Placement | null;

/** How far a frame may lie from its place on the grid before it is moved by one, in frames. */
const HYSTERESIS_FRAMES = 0.75;
/** Rounding of FLV and RTMP, which count milliseconds: up to 1 ms, and a little for the encoder's own. */
const ROUNDING_S = 0.0011;
/** Frame times of every rate of the grid (shared/grid.ts) are whole multiples of 1/300 s, counted from any segment's start. */
const LATTICE_HZ = 300;

/**
 * Chooses how a track's times are corrected.
 *
 * AAC-LC goes to its frame grid, so that copied sound loses the millisecond rounding of FLV and 1.6 s hold exactly 75
 * frames at 48 kHz. Video that is cut on the grid loses the same rounding where it is at most 1.1 ms; other times stay.
 *
 * @param onGrid true when segments are cut at the grid's own times
 */
export function chooseSnap(init: TrackInit, onGrid: boolean): Snap {
  if (init.kind === 'audio') {
    const frameTicks = (AAC_FRAME_SAMPLES * init.timescaleHz) / init.sampleRateHz;
    const isAacLc = init.codec === 'mp4a.40.2' && Number.isInteger(frameTicks);
    return isAacLc ? snapToFrames(frameTicks) : asTheyAre;
  }
  const unitTicks = init.timescaleHz / LATTICE_HZ;
  if (onGrid && Number.isInteger(unitTicks)) return snapToLattice(unitTicks, init.timescaleHz * ROUNDING_S);
  return asTheyAre;
}

function asTheyAre(sample: Sample): Placement {
  return { startTicks: sample.decodeTicks, durationTicks: sample.durationTicks };
}

/**
 * Frame n + 1 follows frame n while its time is less than 3/4 of a frame off; beyond that the sender's clock has jumped
 * forward or back, and a frame's place stays empty or the frame is dropped.
 */
function snapToFrames(frameTicks: number): Snap {
  let index: number | null = null;
  return (sample) => {
    if (index === null) {
      index = Math.round(sample.decodeTicks / frameTicks);
    } else {
      const deviation = sample.decodeTicks / frameTicks - (index + 1);
      if (deviation < -HYSTERESIS_FRAMES) return null;
      index = deviation > HYSTERESIS_FRAMES ? Math.round(sample.decodeTicks / frameTicks) : index + 1;
    }
    return { startTicks: index * frameTicks, durationTicks: frameTicks };
  };
}

function snapToLattice(unitTicks: number, toleranceTicks: number): Snap {
  const snapped = (ticks: number): number => {
    const past = ticks % unitTicks;
    const nearest = past * 2 < unitTicks ? ticks - past : ticks - past + unitTicks;
    return Math.abs(ticks - nearest) <= toleranceTicks ? nearest : ticks;
  };
  return ({ decodeTicks, durationTicks }) => {
    // A picture that is only decoded, for those that follow, has next to no time; each of several has its place.
    if (durationTicks <= toleranceTicks) return { startTicks: decodeTicks, durationTicks };
    const startTicks = snapped(decodeTicks);
    return { startTicks, durationTicks: snapped(decodeTicks + durationTicks) - startTicks };
  };
}
