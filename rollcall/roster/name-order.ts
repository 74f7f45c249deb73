import { setImmediate } from 'node:timers/promises';

const NAMES = new Intl.Collator('zh');
/** Most names that are compared with a collator: more would take seconds. */
const COLLATED_MOST = 5000;
/** Comparisons before other work has its turn, and length of the runs that are sorted first. */
const AT_ONCE = 500;

/** Compares names: Chinese ones by pinyin, others by their letters. */
export function compareNames(a: string, b: string): number {
  return NAMES.compare(a, b);
}

/**
 * Sorts people by name, and by id where names are equal. Yields to other work at intervals. Up to 5,000 people are sorted with
 * {@link compareNames}; more are sorted by UTF-16 code units, which is not a dictionary's order, but a stable one.
 *
 * @returns a new list
 */
export async function sortByName<T extends { readonly id: string; readonly name: string }>(
  people: readonly T[],
): Promise<T[]> {
  const byName = people.length <= COLLATED_MOST ? compareNames : compareText;
  const compare = (a: T, b: T): number => byName(a.name, b.name) || compareText(a.id, b.id);
  let [from, to]: [T[], T[]] = [[], []];
  for (let start = 0; start < people.length; start += AT_ONCE) {
    for (const person of people.slice(start, start + AT_ONCE).sort(compare)) from.push(person);
    await setImmediate();
  }
  // Sorted runs are merged in pairs until one is left (merge sort).
  for (let run = AT_ONCE; run < from.length; run *= 2) {
    for (let start = 0; start < from.length; start += 2 * run) {
      const [middle, end] = [start + run, Math.min(start + 2 * run, from.length)];
      let [left, right] = [start, middle];
      for (let at = start; at < end; at++) {
        const [a, b] = [left < middle ? from[left] : undefined, right < end ? from[right] : undefined];
        const next = b === undefined || (a !== undefined && compare(a, b) <= 0) ? a : b;
        if (next === undefined) break;
        if (next === a) left++;
        else right++;
        to[at] = next;
        if (at % AT_ONCE === 0) await setImmediate();
      }
    }
    [from, to] = [to, []];
  }
  return from;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
