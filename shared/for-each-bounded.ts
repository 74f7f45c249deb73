import { Semaphore } from 'async-mutex';

/**
 * Does something with each item, some of them at once. Items are taken as they are needed.
 *
 * After a failure of one, or of the items themselves, no more are begun. Those under way are waited for in any case: nothing
 * goes on after this has settled.
 *
 * @param atOnce 1 or more
 * @param work for one item
 * @throws what failed first, when all that was begun has ended
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
      // One may have failed while this item was waited for.
      if (failures.length > 0) break;
      void places.runExclusive(() => work(item)).catch(note);
      await places.waitForUnlock();
    }
  } catch (error) {
    note(error);
  }
  // All places are free once all that was begun has ended.
  await places.waitForUnlock(atOnce);
  if (failures.length > 0) throw failures[0];
}
