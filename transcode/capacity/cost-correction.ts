import type { MachineLoad } from './machine-load.ts';

/** Weight of a new measurement. */
const WEIGHT = 0.1;
/** With less of the processor idle, encoders may have got less than they needed: nothing is learned. Share of a core. */
const ENOUGH_IDLE = 0.1;
const BOUNDS = { least: 0.3, most: 4 } as const;

/** How much more the broadcasts of a worker cost than was estimated: a smoothed ratio. Pure. */
export class CostCorrection {
  #ratio = 1;

  /** Measured cost by estimated cost; 1 before the first measurement. */
  get ratio(): number {
    return this.#ratio;
  }

  /**
   * Adds a measurement.
   *
   * @param measuredCores what the ffmpegs of broadcasts used that were at one level for some seconds
   * @param estimatedCores what had been estimated for the same ones
   */
  add(measuredCores: number, estimatedCores: number, { idleCores }: MachineLoad): void {
    if (estimatedCores <= 0 || measuredCores <= 0 || (idleCores ?? 0) < ENOUGH_IDLE) return;
    const ratio = Math.min(BOUNDS.most, Math.max(BOUNDS.least, measuredCores / estimatedCores));
    this.#ratio += (ratio - this.#ratio) * WEIGHT;
  }
}
