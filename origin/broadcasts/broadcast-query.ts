import { matchesWords, searchForm, type SearchForm, searchWords } from '../../shared/search-words.ts';
import type { BroadcastRecord } from './broadcast-record.ts';

/** Filters of a search; a field that is left out does not filter. */
export type BroadcastQuery = {
  readonly channel?: string | undefined;
  readonly grade?: number | undefined;
  readonly subject?: string | undefined;
  readonly teacher?: string | undefined;
  /** Began at or after, UTC milliseconds. */
  readonly from?: number | undefined;
  /** Began before, UTC milliseconds. */
  readonly to?: number | undefined;
  /** Words that all occur in title, teacher, subject, channel or grade, see {@link searchWords}. */
  readonly q?: string | undefined;
};

/** A broadcast in its form for searches. */
export type Searchable = {
  readonly broadcast: BroadcastRecord;
  /** The text that is searched for words, see {@link searchText}. */
  readonly text: SearchForm;
};

/** A page of broadcasts. */
export type BroadcastPage = {
  readonly broadcasts: readonly BroadcastRecord[];
  /** The cursor of the next page; null for the last page. */
  readonly next: string | null;
};

type Place = { readonly startMs: number; readonly channel: string; readonly id: string };

/** Newest first; channel and id decide between two of the same start, so that the order is total and cursors are unambiguous. */
export function newestFirst(a: Place, b: Place): number {
  return b.startMs - a.startMs || compare(a.channel, b.channel) || compare(a.id, b.id);
}

/** Title, teacher, subject, channel and grade in their form for searches. */
export function searchText({
  title,
  teacher = '',
  subject = '',
  channel,
  grade,
}: BroadcastRecord): SearchForm {
  return searchForm([title, teacher, subject, channel], grade);
}

/** Writes the cursor of a page's end: the value of `next`, which a client returns as `after`. */
export function cursorOf({ startMs, channel, id }: BroadcastRecord): string {
  return `${startMs}.${channel}.${id}`;
}

/** Reads a cursor; null when it is invalid. */
export function readCursor(
  text: string,
): { readonly startMs: number; readonly channel: string; readonly id: string } | null {
  const [, startMs, channel, id] = /^(\d{1,15})\.([a-z0-9-]{1,64})\.([a-z0-9-]{1,64})$/.exec(text) ?? [];
  if (startMs === undefined || channel === undefined || id === undefined) return null;
  return { startMs: Number(startMs), channel, id };
}

/** A search for one page, in steps. Broadcasts may be added and removed between two steps. */
export class BroadcastSearch {
  readonly #fits: (entry: Searchable) => boolean;
  readonly #fromMs: number;
  readonly #toMs: number;
  readonly #limit: number;
  readonly #found: BroadcastRecord[] = [];
  #after: Place | null;
  #next: string | null = null;

  /**
   * @param after the cursor of the page before; null for the first page
   * @param limit size of the page
   */
  constructor(query: BroadcastQuery, after: ReturnType<typeof readCursor>, limit: number) {
    this.#fits = matcher(query);
    this.#fromMs = query.from ?? 0;
    this.#toMs = query.to ?? Number.POSITIVE_INFINITY;
    this.#after = after;
    this.#limit = limit;
  }

  /** The matches so far. */
  get page(): BroadcastPage {
    return { broadcasts: this.#found, next: this.#next };
  }

  /**
   * Searches the next broadcasts.
   *
   * @param sorted newest first
   * @param most how many to examine
   * @returns whether the page is complete
   */
  look(sorted: readonly Searchable[], most: number): boolean {
    const first = this.#first(sorted);
    for (let i = first; i < first + most; i += 1) {
      const entry = sorted[i];
      if (entry === undefined || entry.broadcast.startMs < this.#fromMs) return true;
      this.#after = entry.broadcast;
      if (!this.#fits(entry)) continue;
      const last = this.#found.at(-1);
      if (this.#found.length === this.#limit && last !== undefined) {
        this.#next = cursorOf(last);
        return true;
      }
      this.#found.push(entry.broadcast);
    }
    return false;
  }

  /** Index of the first one behind the cursor (whose broadcast may have been deleted) and within the requested time. */
  #first(sorted: readonly Searchable[]): number {
    const after = this.#after;
    return placeOf(
      sorted,
      (at) => at.startMs >= this.#toMs || (after !== null && newestFirst(at, after) <= 0),
    );
  }
}

/**
 * Binary search in a sorted list.
 *
 * @param isBefore true for the first items, false for all that follow
 * @returns index of the first item for which it is false; the length when there is none
 */
export function placeOf(sorted: readonly Searchable[], isBefore: (at: BroadcastRecord) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = sorted[middle];
    if (at !== undefined && isBefore(at.broadcast)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function matcher({
  channel,
  grade,
  subject,
  teacher,
  q = '',
}: BroadcastQuery): (entry: Searchable) => boolean {
  const wanted = searchWords(q);
  return ({ broadcast, text }) => {
    if (channel !== undefined && broadcast.channel !== channel) return false;
    if (grade !== undefined && broadcast.grade !== grade) return false;
    if (subject !== undefined && broadcast.subject !== subject) return false;
    if (teacher !== undefined && broadcast.teacher !== teacher) return false;
    return matchesWords(text, wanted);
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
