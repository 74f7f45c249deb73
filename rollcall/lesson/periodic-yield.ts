import { setImmediate } from 'node:timers/promises';

/** So many rows are done before all else that waits has its turn again. */
const AT_ONCE = 500;

/** Has work on very many rows let go of the process now and then, also where the rows come from memory one by one. */
export class PeriodicYield {
  #rows = 0;

  /** Counts a row. @returns something to wait for when it is time to let go; null when it is not */
  row(): Promise<unknown> | null {
    this.#rows += 1;
    return this.#rows % AT_ONCE === 0 ? setImmediate() : null;
  }
}
