import type { MachineLoad } from './machine-load.ts';

/** Share of the processor that is left free: for the peaks of pictures, and for what a new class costs beside its encoder. */
export const RESERVE = 0.2;

/**
 * How many cores the encoders of a worker may use together: what nobody else uses, within the limits of the process, without a
 * reserve and without what the process itself needs. Pure.
 *
 * @param cores that the process may use, see {@link UsableCores}
 * @param load of the last seconds, averaged; null before it is known
 * @returns cores, 0 or more
 */
export function bearableCores(cores: number, load: MachineLoad | null): number {
  if (load === null) return cores * (1 - RESERVE);
  const { idleCores, ownCores, ffmpegCores } = load;
  const ours = idleCores === null ? cores : Math.min(cores, idleCores + ownCores + ffmpegCores);
  return Math.max(0, ours * (1 - RESERVE) - ownCores);
}

/**
 * Averages a load over time, so that a moment decides nothing. Pure.
 *
 * @param weight of the new load, 0 to 1
 */
export function averageLoad(average: MachineLoad | null, load: MachineLoad, weight: number): MachineLoad {
  if (average === null) return load;
  const mix = (old: number, now: number): number => old + (now - old) * weight;
  return {
    idleCores:
      average.idleCores === null || load.idleCores === null
        ? load.idleCores
        : mix(average.idleCores, load.idleCores),
    stolenCores: mix(average.stolenCores, load.stolenCores),
    ownCores: mix(average.ownCores, load.ownCores),
    ffmpegCores: mix(average.ffmpegCores, load.ffmpegCores),
    pressure: load.pressure,
  };
}
