import { type ReadonlySignal, batch, signal } from '@preact/signals';
import type { BroadcastInfo, Facets } from '../../channel/broadcast-info.ts';
import { fetchBroadcasts } from '../../channel/broadcasts-api.ts';
import { backoffMs } from '../../net/backoff.ts';
import { type LibraryQuery, questionOf } from './library-query.ts';
import { appended, replaced, without } from './shelf.ts';

/** How many come at once. */
export const PAGE = 48;
/** The most that the API gives at once. */
const MOST_AT_ONCE = 200;

/** How the library stands with the API. `stale`: what is shown is from before the line went. */
export type LibraryState = 'loading' | 'fresh' | 'stale' | 'unreachable' | 'forbidden';

const NO_FACETS: Facets = { subjects: [], teachers: [], grades: [] };

/** What of the library has come so far. */
export class Library {
  readonly state: ReadonlySignal<LibraryState>;
  readonly shelf: ReadonlySignal<readonly BroadcastInfo[]>;
  readonly facets: ReadonlySignal<Facets>;
  /** More is to be had. */
  readonly hasMore: ReadonlySignal<boolean>;
  /** More is on its way. */
  readonly isLoadingMore: ReadonlySignal<boolean>;
  readonly #state = signal<LibraryState>('loading');
  readonly #shelf = signal<readonly BroadcastInfo[]>([]);
  readonly #facets = signal<Facets>(NO_FACETS);
  readonly #next = signal<string | null>(null);
  readonly #hasMore = signal(false);
  readonly #isLoadingMore = signal(false);
  readonly #token: string | null;
  #query: LibraryQuery | null = null;
  /** The query that is asked for now: answers to earlier ones come too late. */
  #turn = 0;
  #failures = 0;
  #askedAtMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(token: string | null) {
    this.#token = token;
    this.state = this.#state;
    this.shelf = this.#shelf;
    this.facets = this.#facets;
    this.hasMore = this.#hasMore;
    this.isLoadingMore = this.#isLoadingMore;
  }

  /**
   * Looks for something. What is on the shelf stays there until the answer has come.
   *
   * @param count how many at first: as many as were seen, for who comes back
   */
  async look(query: LibraryQuery, count = PAGE): Promise<void> {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    this.#query = query;
    this.#askedAtMs = Date.now();
    this.#isLoadingMore.value = false;
    if (this.#shelf.value.length === 0 && this.#state.value !== 'unreachable') this.#state.value = 'loading';
    const answer = await fetchBroadcasts(
      questionOf(query, null, Math.min(MOST_AT_ONCE, Math.max(PAGE, count))),
      this.#token,
    );
    if (turn !== this.#turn) return;
    if (answer.kind !== 'ok') {
      this.#failed(answer.kind === 'forbidden', () => void this.look(query, count));
      return;
    }
    this.#failures = 0;
    batch(() => {
      this.#shelf.value = answer.value.broadcasts;
      this.#facets.value = answer.value.facets ?? this.#facets.value;
      this.#setNext(answer.value.next);
      this.#state.value = 'fresh';
    });
  }

  /** Fetches the next page; nothing happens while one is on its way. */
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
      this.#failed(answer.kind === 'forbidden', () => void this.more());
      return;
    }
    this.#failures = 0;
    batch(() => {
      this.#shelf.value = appended(this.#shelf.value, answer.value.broadcasts);
      this.#setNext(answer.value.next);
      this.#state.value = 'fresh';
    });
  }

  /** Looks again, when what is shown may be old by now. */
  refresh(olderThanMs: number): void {
    const isOld = Date.now() - this.#askedAtMs > olderThanMs || this.#state.value !== 'fresh';
    if (this.#query !== null && isOld) void this.look(this.#query, this.#shelf.value.length);
  }

  /** Takes a broadcast as somebody has changed it. */
  take(changed: BroadcastInfo): void {
    this.#shelf.value = replaced(this.#shelf.value, changed);
  }

  /** Takes a broadcast off the shelf. */
  remove(gone: BroadcastInfo): void {
    this.#shelf.value = without(this.#shelf.value, gone);
  }

  #setNext(next: string | null): void {
    this.#next.value = next;
    this.#hasMore.value = next !== null;
  }

  #failed(isForbidden: boolean, again: () => void): void {
    if (isForbidden) {
      this.#state.value = 'forbidden';
      return;
    }
    this.#failures += 1;
    this.#state.value = this.#shelf.value.length === 0 ? 'unreachable' : 'stale';
    this.#timer = setTimeout(again, 500 + backoffMs(this.#failures, Math.random()));
  }
}
