import { Semaphore } from 'async-mutex';

/**
 * Runs `work` for each item, at most `atOnce` of them at a time. Items are requested as they are needed.
 *
 * After a failure of `work`, or of the iteration itself, no further item is started. Everything started is awaited in any case.
 *
 * @param atOnce 1 or more
 * @param work for one item
 * @throws the first failure, after everything that was started has ended
 */
export async function forEachBounded<T>(
  items: AsyncIterable<T> | Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const places = new Semaphore(atOnce);
  const failures: unknown[] = [];
  const note = (error: unknown): void => void failures.push(error);
  try {
    for await (const item of items) {
      // A failure may have come while this item was awaited.
      if (failures.length > 0) break;
      // Noted within the place: once it is free, the failure is known.
      void places.runExclusive(() => work(item).catch(note));
      await places.waitForUnlock();
    }
  } catch (error) {
    note(error);
  }
  // All places are free once everything started has ended.
  await places.waitForUnlock(atOnce);
  if (failures.length > 0) throw failures[0];
}
