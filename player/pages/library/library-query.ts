import { gradeOf, idOf } from '../../channel/checked.ts';

/** A query of the library. It is part of the page's address, so that it can be sent as a link and Back works. */
export type LibraryQuery = {
  /** Words; '' for all. */
  readonly words: string;
  readonly grade: number | null;
  readonly subject: string | null;
  readonly teacher: string | null;
  /** Id of one channel. */
  readonly channel: string | null;
  /** First and last day, `2026-03-01`, in the viewer's time zone. */
  readonly from: string | null;
  readonly to: string | null;
};

/** The query for everything. */
export const EVERYTHING: LibraryQuery = {
  words: '',
  grade: null,
  subject: null,
  teacher: null,
  channel: null,
  from: null,
  to: null,
};

/** The API's limit, characters. */
const MOST_CHARACTERS = 200;

/**
 * Reads a query from the page's address. Invalid parts are ignored.
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
 * Writes a query for the page's address.
 *
 * @returns with `?` in front, or '' for everything
 */
export function addressOfQuery(query: LibraryQuery): string {
  const text = String(new URLSearchParams(named(query, query.from, query.to)));
  return text === '' ? '' : `?${text}`;
}

/**
 * Writes a query for the API.
 *
 * @param after cursor of the last page; null for the first page
 * @param limit broadcasts on the page
 */
export function questionOf(query: LibraryQuery, after: string | null, limit: number): string {
  const fromMs = query.from === null ? null : dayStartMs(query.from, 0);
  const toMs = query.to === null ? null : dayStartMs(query.to, 1);
  const asked = new URLSearchParams(named(query, fromMs, toMs));
  asked.set('limit', String(limit));
  // The values of the filters come with the first page.
  if (after !== null) {
    asked.set('after', after);
    asked.set('facets', 'no');
  }
  return String(asked);
}

/** Tells whether the query filters anything. */
export function isNarrowed(query: LibraryQuery): boolean {
  return addressOfQuery(query) !== '';
}

/** The values of a filter, with the chosen one among them even where no broadcast has it. */
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

/** Midnight at the start of a day, or of a later one, in the viewer's time zone. */
function dayStartMs(day: string, later: number): number {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number);
  // Days have 23 or 25 hours where clocks change: the calendar counts them.
  return Math.max(0, new Date(year, month - 1, date + later).getTime());
}

function dayOf(text: string | null): string | null {
  if (text === null || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  // 2026-02-31 is not a day.
  const date = new Date(`${text}T00:00:00Z`);
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== text ? null : text;
}
