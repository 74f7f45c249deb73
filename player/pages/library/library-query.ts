import { gradeOf, idOf } from '../../channel/checked.ts';

/** What is looked for in the library; it stands in the page's address, so that a link can be sent and Back works. */
export type LibraryQuery = {
  /** Words; '' for all. */
  readonly words: string;
  readonly grade: number | null;
  readonly subject: string | null;
  readonly teacher: string | null;
  /** Id of one channel. */
  readonly channel: string | null;
  /** First and last day, `2026-03-01`, by the clock of whoever looks. */
  readonly from: string | null;
  readonly to: string | null;
};

/** Everything there is. */
export const EVERYTHING: LibraryQuery = {
  words: '',
  grade: null,
  subject: null,
  teacher: null,
  channel: null,
  from: null,
  to: null,
};

/** The API takes no longer words. */
const MOST_CHARACTERS = 200;

/**
 * Reads what is looked for from the page's address. What cannot be read is not looked for.
 *
 * @param search location.search
 */
export function queryOfAddress(search: string): LibraryQuery {
  const asked = new URLSearchParams(search);
  const text = (name: string) => (asked.get(name) ?? '').trim().slice(0, MOST_CHARACTERS);
  return {
    words: text('q'),
    grade: gradeOf(Number(asked.get('grade') ?? Number.NaN)),
    subject: text('subject') || null,
    teacher: text('teacher') || null,
    channel: idOf(asked.get('channel')),
    from: dayOf(asked.get('from')),
    to: dayOf(asked.get('to')),
  };
}

/**
 * Writes what is looked for as the page's address has it.
 *
 * @returns with `?` in front, or '' for everything
 */
export function addressOfQuery(query: LibraryQuery): string {
  const text = String(new URLSearchParams(named(query, query.from, query.to)));
  return text === '' ? '' : `?${text}`;
}

/**
 * Writes what is looked for as the API has it.
 *
 * @param after what the last page said that the next is asked for with; null for the first page
 * @param limit how many
 */
export function questionOf(query: LibraryQuery, after: string | null, limit: number): string {
  const fromMs = query.from === null ? null : dayStartMs(query.from, 0);
  const toMs = query.to === null ? null : dayStartMs(query.to, 1);
  const asked = new URLSearchParams(named(query, fromMs, toMs));
  asked.set('limit', String(limit));
  // What may be chosen from is told with the first page.
  if (after !== null) {
    asked.set('after', after);
    asked.set('facets', 'no');
  }
  return String(asked);
}

/** Tells whether anything is left out. */
export function isNarrowed(query: LibraryQuery): boolean {
  return addressOfQuery(query) !== '';
}

/** Choices of a list, with the one in force among them even where nothing is left that it fits. */
export function withChosen<T>(choices: readonly T[], chosen: T | null): readonly T[] {
  return chosen === null || choices.includes(chosen) ? choices : [chosen, ...choices];
}

function named(
  query: LibraryQuery,
  from: string | number | null,
  to: string | number | null,
): [string, string][] {
  const { words, grade, subject, teacher, channel } = query;
  const pairs: [string, string | number | null][] = [
    ['q', words.trim() === '' ? null : words.trim()],
    ['grade', grade],
    ['subject', subject],
    ['teacher', teacher],
    ['channel', channel],
    ['from', from],
    ['to', to],
  ];
  return pairs.flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]]));
}

/** Midnight at the beginning of a day, or of one of the days behind it, by the clock of whoever looks. */
function dayStartMs(day: string, later: number): number {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number);
  // A change of clocks makes days of 23 and 25 hours: the calendar counts them.
  return Math.max(0, new Date(year, month - 1, date + later).getTime());
}

function dayOf(text: string | null): string | null {
  if (text === null || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  // 2026-02-31 is no day.
  const date = new Date(`${text}T00:00:00Z`);
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== text ? null : text;
}
