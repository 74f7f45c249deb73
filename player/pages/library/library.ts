import type { Answer } from '../../channel/api.ts';
import { type ReadonlySignal, batch, signal } from '@preact/signals';
import type { BroadcastInfo, Facets } from '../../channel/broadcast-info.ts';
import { fetchBroadcasts } from '../../channel/broadcasts-api.ts';
import { backoffMs } from '../../net/backoff.ts';
import { type LibraryQuery, questionOf } from './library-query.ts';
import { appended, replaced, without } from './broadcast-list.ts';

/** Broadcasts of one page. */
export const PAGE = 48;
/** The API's limit of one page. */
const MOST_AT_ONCE = 200;

/** Whether the list is up to date. `stale`: the connection was lost after it was loaded. */
export type LibraryState = 'loading' | 'fresh' | 'stale' | 'unreachable' | 'forbidden';

const NO_FACETS: Facets = { subjects: [], teachers: [], grades: [] };

/** The part of the library that is loaded. */
export class Library {
  readonly state: ReadonlySignal<LibraryState>;
  readonly broadcasts: ReadonlySignal<readonly BroadcastInfo[]>;
  readonly facets: ReadonlySignal<Facets>;
  /** There are more pages. */
  readonly hasMore: ReadonlySignal<boolean>;
  /** The next page is being loaded. */
  readonly isLoadingMore: ReadonlySignal<boolean>;
  readonly #state = signal<LibraryState>('loading');
  readonly #broadcasts = signal<readonly BroadcastInfo[]>([]);
  readonly #facets = signal<Facets>(NO_FACETS);
  readonly #next = signal<string | null>(null);
  readonly #hasMore = signal(false);
  readonly #isLoadingMore = signal(false);
  readonly #token: string | null;
  #query: LibraryQuery | null = null;
  /** Counts queries: responses to earlier ones are ignored. */
  #turn = 0;
  #failures = 0;
  #askedAtMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(token: string | null) {
    this.#token = token;
    this.state = this.#state;
    this.broadcasts = this.#broadcasts;
    this.facets = this.#facets;
    this.hasMore = this.#hasMore;
    this.isLoadingMore = this.#isLoadingMore;
  }

  /**
   * Loads the results of a query. The present ones stay until they have arrived.
   *
   * @param count broadcasts to load at first: as many as were shown, after Back
   */
  async load(query: LibraryQuery, count = PAGE): Promise<void> {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    this.#query = query;
    this.#askedAtMs = Date.now();
    this.#isLoadingMore.value = false;
    if (this.#broadcasts.value.length === 0 && this.#state.value !== 'unreachable')
      this.#state.value = 'loading';
    const answer = await fetchBroadcasts(
      questionOf(query, null, Math.min(MOST_AT_ONCE, Math.max(PAGE, count))),
      this.#token,
    );
    if (turn !== this.#turn) return;
    if (answer.kind !== 'ok') {
      this.#failed(answer, () => void this.load(query, count));
      return;
    }
    this.#failures = 0;
    batch(() => {
      this.#broadcasts.value = answer.value.broadcasts;
      this.#facets.value = answer.value.facets ?? this.#facets.value;
      this.#setNext(answer.value.next);
      this.#state.value = 'fresh';
    });
  }

  /** Loads the next page; does nothing while one is being loaded. */
  async more(): Promise<void> {
    const after = this.#next.value;
    const query = this.#query;
    if (after === null || query === null || this.#isLoadingMore.value) return;
    const turn = this.#turn;
    this.#isLoadingMore.value = true;
    const answer = await fetchBroadcasts(questionOf(query, after, PAGE), this.#token);
    if (turn !== this.#turn) return;
    this.#isLoadingMore.value = false;
    if (answer.kind !== 'ok') {
      this.#failed(answer, () => void this.more());
      return;
    }
    this.#failures = 0;
    batch(() => {
      this.#broadcasts.value = appended(this.#broadcasts.value, answer.value.broadcasts);
      this.#setNext(answer.value.next);
      this.#state.value = 'fresh';
    });
  }

  /** Loads the results again where they are old. */
  refresh(olderThanMs: number): void {
    const isOld = Date.now() - this.#askedAtMs > olderThanMs || this.#state.value !== 'fresh';
    if (this.#query !== null && isOld) void this.load(this.#query, this.#broadcasts.value.length);
  }

  /** Replaces a broadcast that was changed. */
  take(changed: BroadcastInfo): void {
    this.#broadcasts.value = replaced(this.#broadcasts.value, changed);
  }

  /** Removes a broadcast. */
  remove(gone: BroadcastInfo): void {
    this.#broadcasts.value = without(this.#broadcasts.value, gone);
  }

  #setNext(next: string | null): void {
    this.#next.value = next;
    this.#hasMore.value = next !== null;
  }

  #failed(answer: Exclude<Answer<unknown>, { readonly kind: 'ok' }>, again: () => void): void {
    if (answer.kind === 'forbidden') {
      this.#state.value = 'forbidden';
      return;
    }
    this.#failures += 1;
    this.#state.value = this.#broadcasts.value.length === 0 ? 'unreachable' : 'stale';
    const toldMs = answer.kind === 'unreachable' ? (answer.afterMs ?? 0) : 0;
    this.#timer = setTimeout(again, toldMs + 500 + backoffMs(this.#failures, Math.random()));
  }
}
