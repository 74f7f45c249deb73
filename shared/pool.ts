/**
 * Does something with each item, some of them at once. Items are taken as they are needed.
 *
 * Where one fails, or the items themselves do, no more are begun. Those under way are waited for in any case, so that nothing
 * goes on behind the caller's back, and no rejection is left without somebody to hear it.
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
  const failures: unknown[] = [];
  const underWay = new Set<Promise<void>>();
  const begin = async (item: T): Promise<void> => {
    try {
      await work(item);
    } catch (error) {
      failures.push(error);
    }
  };
  try {
    for await (const item of items) {
      // One may have failed while this item was waited for.
      if (failures.length > 0) break;
      const run = begin(item).finally(() => underWay.delete(run));
      underWay.add(run);
      if (underWay.size >= atOnce) await Promise.race(underWay);
    }
  } catch (error) {
    failures.push(error);
  }
  await Promise.all(underWay);
  if (failures.length > 0) throw failures[0];
}
