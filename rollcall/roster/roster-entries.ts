import type { RosterEntry } from '../ledger/ledger.ts';
import { checkText } from '../protocol/checked.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { RosterProblem } from '../protocol/roster-preview.ts';
import { problem } from './roster-problem.ts';

/** Most entries of one class list: the students of a city may watch the same lecture. */
export const ROSTER_MAX = 100_000;

/** An entry as it was read, before it is checked. */
export type RawEntry = {
  /** For problems: `line 3`. */
  readonly place: string;
  /** Null where nothing numbers the student. */
  readonly id: unknown;
  readonly name: unknown;
  readonly group: unknown;
};

/** Checked entries, or why they are not taken. */
export type CheckedEntries =
  | {
      readonly kind: 'entries';
      readonly entries: readonly RosterEntry[];
      /** Each class counts from 1: ids are class and number. */
      readonly areIdsOfClasses: boolean;
    }
  | { readonly kind: 'refused'; readonly problem: RosterProblem };

/**
 * Checks the entries of a class list. A number that is there twice in different classes is completed by the class; a name that
 * numbers its student likewise.
 */
export function checkEntries(list: readonly RawEntry[]): CheckedEntries {
  if (list.length > ROSTER_MAX)
    return refused(problem('too-many', '', String(list.length), String(ROSTER_MAX)));
  const read: { place: string; id: string | null; name: string; group: string }[] = [];
  for (const { place, id, name, group } of list) {
    const checkedName = field(place, 'name', name, LIMITS.nameLength);
    if (typeof checkedName !== 'string') return refused(checkedName);
    const checkedId = id === null ? null : field(place, 'id', idText(id), LIMITS.idLength);
    if (checkedId !== null && typeof checkedId !== 'string') return refused(checkedId);
    const checkedGroup = group === '' ? '' : field(place, 'group', group, LIMITS.groupLength);
    if (typeof checkedGroup !== 'string') return refused(checkedGroup);
    read.push({ place, id: checkedId, name: checkedName, group: checkedGroup });
  }
  const numbers = read.map(({ id, name }) => id ?? name);
  const areIdsOfClasses = repeatedAcrossGroups(read, numbers);
  const places = new Map<string, string>();
  const entries: RosterEntry[] = [];
  for (const [i, { place, id, name, group }] of read.entries()) {
    const number = numbers[i] ?? '';
    const full = areIdsOfClasses && group !== '' ? `${group} ${number}`.slice(0, LIMITS.idLength) : number;
    const before = places.get(full);
    if (before !== undefined)
      return refused(problem(id === null ? 'name-twice' : 'id-twice', place, full, before));
    places.set(full, place);
    entries.push({ id: full, name, group });
  }
  return { kind: 'entries', entries, areIdsOfClasses };
}

/** A number that is exact, as many systems export them. */
function idText(id: unknown): unknown {
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 ? String(id) : id;
}

/** Whether numbers are repeated, and never within one class. */
function repeatedAcrossGroups(
  read: readonly { readonly group: string }[],
  numbers: readonly string[],
): boolean {
  if (new Set(numbers).size === numbers.length) return false;
  const full = new Set(read.map(({ group }, i) => `${group}\n${numbers[i] ?? ''}`));
  return full.size === numbers.length;
}

function field(place: string, what: string, value: unknown, most: number): string | RosterProblem {
  if (typeof value !== 'string') return problem('not-text', place, what);
  const text = checkText(what, value, most);
  if (text.ok) {
    // What was saved in an encoding without its characters.
    const isLost =
      text.value.includes('\ufffd') || /^[?？]{2,}$/.test(text.value) || text.value.includes('锟斤拷');
    return isLost ? problem('characters-lost', place, text.value) : text.value;
  }
  const trimmed = value.trim();
  if (trimmed === '') return problem('empty', place, what);
  if (trimmed.length > most) return problem('too-long', place, what, String(trimmed.length), String(most));
  return problem('bad-characters', place, what, trimmed);
}

function refused(of: RosterProblem): CheckedEntries {
  return { kind: 'refused', problem: of };
}
