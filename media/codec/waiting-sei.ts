import { PICTURE_SEI_BYTES } from './picture-sei.ts';

/** More than an encoder has in front of one picture. */
const MAX_UNITS = 16;

/** SEI NAL units that came in a sample without a picture: they belong to the next one. */
export class WaitingSei {
  #units: Buffer[] = [];

  /** @returns those that wait, which the caller owns; they wait no longer */
  take(): Buffer[] {
    const units = this.#units;
    this.#units = [];
    return units;
  }

  /** Keeps the first ones, and as much of each as is looked at: copies. */
  keep(units: readonly Buffer[]): void {
    this.#units = units.slice(0, MAX_UNITS).map((unit) => Buffer.from(unit.subarray(0, PICTURE_SEI_BYTES)));
  }
}
