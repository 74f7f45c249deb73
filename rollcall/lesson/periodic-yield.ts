import { setImmediate } from 'node:timers/promises';

/** Rows between two yields. */
const ROWS = 500;

/** Lets a loop over very many rows yield to other work, also where the rows come from memory one by one. */
export class PeriodicYield {
  #rows = 0;

  /**
   * Counts a row.
   *
   * @returns a promise to wait for after every 500 rows; else null
   */
  afterRow(): Promise<unknown> | null {
    this.#rows += 1;
    return this.#rows % ROWS === 0 ? setImmediate() : null;
  }
}
