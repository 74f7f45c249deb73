import { setImmediate } from 'node:timers/promises';

const NAMES = new Intl.Collator('zh');
/** So many names are put in order by a collator: above that it takes seconds. */
const COLLATED_MOST = 5000;
/** So many are put in order before all else that waits has its turn again. */
const AT_ONCE = 500;

/** Puts names in order: Chinese by pinyin, others by their letters. */
export function compareNames(a: string, b: string): number {
  return NAMES.compare(a, b);
}

/**
 * Puts people in the order of their names, those of one name by their ids, and lets go of the process now and then. Up to 5,000
 * are in the order of {@link compareNames}; more are in the order of the characters' numbers in Unicode, which is no order of
 * a dictionary, but the same each time.
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
  // Runs that are in order are merged two by two until there is one.
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
