import { type BackgroundTurns, backgroundTurns } from '../../shared/background-turns.ts';
import type { BroadcastRecord } from './broadcast-record.ts';
import {
  type BroadcastPage,
  type BroadcastQuery,
  BroadcastSearch,
  newestFirst,
  placeOf,
  type readCursor,
  type Searchable,
  searchText,
} from './broadcast-query.ts';

/** Entries that are searched in one step: well under a millisecond. */
const ENTRIES_AT_ONCE = 2000;

/** The values that a search can filter by. */
export type Facets = {
  readonly grades: readonly number[];
  readonly subjects: readonly string[];
  readonly teachers: readonly string[];
};

/** A broadcast of the index. Never changed; a newer entry replaces it. */
export type LibraryEntry = Searchable & {
  /** Version of the object that it was read from; null while that is not known. */
  readonly version: string | null;
};

/** Broadcasts in memory, always sorted: neither a change nor a search goes through all of them at once. */
export class LibraryIndex {
  readonly #known = new Map<string, LibraryEntry>();
  readonly #sorted: LibraryEntry[] = [];
  readonly #byChannel = new Map<string, Set<BroadcastRecord>>();
  readonly #grades = new Counted<number>((a, b) => a - b);
  readonly #subjects = new Counted<string>();
  readonly #teachers = new Counted<string>();
  readonly #turns: BackgroundTurns;

  constructor(turns: BackgroundTurns = backgroundTurns) {
    this.#turns = turns;
  }

  /** How many there are. */
  get size(): number {
    return this.#known.size;
  }

  /** All, newest first: the index's own list, which changes. */
  get entries(): readonly LibraryEntry[] {
    return this.#sorted;
  }

  /** Keys of all. */
  keys(): IterableIterator<string> {
    return this.#known.keys();
  }

  /** One of them. */
  get(key: string): LibraryEntry | undefined {
    return this.#known.get(key);
  }

  /** Those of a channel, newest first. */
  of(channel: string): BroadcastRecord[] {
    return [...(this.#byChannel.get(channel) ?? [])].toSorted(newestFirst);
  }

  /** Adds a broadcast, or replaces it. */
  set(key: string, broadcast: BroadcastRecord, version: string | null): void {
    this.delete(key);
    const entry = { broadcast, text: searchText(broadcast), version };
    this.#known.set(key, entry);
    this.#sorted.splice(this.#placeOf(broadcast), 0, entry);
    const others = this.#byChannel.get(broadcast.channel);
    if (others === undefined) this.#byChannel.set(broadcast.channel, new Set([broadcast]));
    else others.add(broadcast);
    this.#count(broadcast, 1);
  }

  /** Removes a broadcast. */
  delete(key: string): void {
    const entry = this.#known.get(key);
    if (entry === undefined) return;
    this.#known.delete(key);
    this.#sorted.splice(this.#placeOf(entry.broadcast), 1);
    const others = this.#byChannel.get(entry.broadcast.channel);
    others?.delete(entry.broadcast);
    if (others?.size === 0) this.#byChannel.delete(entry.broadcast.channel);
    this.#count(entry.broadcast, -1);
  }

  /** A page of those that match, newest first; searched in turns, so that no search delays live requests. */
  find(query: BroadcastQuery, after: ReturnType<typeof readCursor>, limit: number): Promise<BroadcastPage> {
    return this.#turns.runSteps('library', stepsOf(new BroadcastSearch(query, after, limit), this.#sorted));
  }

  /** The grades, subjects and teachers that there are, sorted. */
  facets(): Facets {
    return {
      grades: this.#grades.values(),
      subjects: this.#subjects.values(),
      teachers: this.#teachers.values(),
    };
  }

  #placeOf(broadcast: BroadcastRecord): number {
    return placeOf(this.#sorted, (at) => newestFirst(at, broadcast) < 0);
  }

  #count({ grade, subject, teacher }: BroadcastRecord, by: 1 | -1): void {
    if (grade !== undefined) this.#grades.count(grade, by);
    if (subject !== undefined && subject !== '') this.#subjects.count(subject, by);
    if (teacher !== undefined && teacher !== '') this.#teachers.count(teacher, by);
  }
}

/** The values of some broadcasts, sorted. */
export function facetsOf(broadcasts: readonly BroadcastRecord[]): Facets {
  const grades = new Set(broadcasts.flatMap(({ grade }) => grade ?? []));
  const texts = (of: 'subject' | 'teacher'): string[] =>
    [...new Set(broadcasts.flatMap((broadcast) => broadcast[of] || []))].toSorted();
  return {
    grades: [...grades].toSorted((a, b) => a - b),
    subjects: texts('subject'),
    teachers: texts('teacher'),
  };
}

function* stepsOf(
  search: BroadcastSearch,
  sorted: readonly LibraryEntry[],
): Generator<void, BroadcastPage, undefined> {
  while (!search.look(sorted, ENTRIES_AT_ONCE)) yield;
  return search.page;
}

/** Values, with the number of broadcasts that have each. */
class Counted<T> {
  readonly #counts = new Map<T, number>();
  readonly #compare: ((a: T, b: T) => number) | undefined;
  #values: readonly T[] | null = null;

  constructor(compare?: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  count(value: T, by: 1 | -1): void {
    const count = (this.#counts.get(value) ?? 0) + by;
    if (count > 0) this.#counts.set(value, count);
    else this.#counts.delete(value);
    // The list is sorted again only when a value was added or removed.
    if (count === 0 || (count === 1 && by === 1)) this.#values = null;
  }

  values(): readonly T[] {
    this.#values ??= [...this.#counts.keys()].toSorted(this.#compare);
    return this.#values;
  }
}
