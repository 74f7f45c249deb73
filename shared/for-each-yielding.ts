import { setImmediate } from 'node:timers/promises';

/** Items after which the event loop runs: some hundred microseconds of work. */
const ITEMS_AT_ONCE = 500;

/** Runs a small function for each of very many items, and yields to the event loop now and then. */
export async function forEachYielding<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
  let count = 0;
  for (const item of items) {
    work(item);
    count += 1;
    if (count % ITEMS_AT_ONCE === 0) await setImmediate();
  }
}
