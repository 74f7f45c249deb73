import { setImmediate } from 'node:timers/promises';

/** So many small things are done before all else that waits has its turn again. */
const AT_ONCE = 500;

/** Does something small with each of very many, and lets go of the process now and then. */
export async function inTurns<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
  let count = 0;
  for (const item of items) {
    work(item);
    count += 1;
    if (count % AT_ONCE === 0) await setImmediate();
  }
}
