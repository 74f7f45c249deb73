import { setTimeout as pause } from 'node:timers/promises';
import {
  type ListedObject,
  type ObjectStore,
  PartialListError,
  type StoredObject,
  StoreError,
} from '../../shared/object-store.ts';
import { RetryBudget } from './retry-budget.ts';

/** Pauses before the retries of a read, milliseconds; up to half as much is added, so that not all come back at once. */
export const RETRY_PAUSES_MS: readonly number[] = [250, 1000];
/** A read that failed after so long was stalled: it is not tried a second time. Milliseconds. */
const LONG_MS = 5000;

/** What reads are retried with. */
export type RetriedReadsOptions = {
  readonly pausesMs?: readonly number[];
  /** From 0 up to 1. */
  readonly random?: () => number;
};

/**
 * A store whose reads are tried again when it is not available for a moment: it is busy ("slow down"), or a connection was reset.
 * Puts and deletions are not: those who ask for them have their own queues.
 */
export class RetriedReads implements ObjectStore {
  readonly #store: ObjectStore;
  readonly #pausesMs: readonly number[];
  readonly #random: () => number;
  readonly #budget = new RetryBudget();
  readonly #closed = new AbortController();

  constructor(
    store: ObjectStore,
    { pausesMs = RETRY_PAUSES_MS, random = Math.random }: RetriedReadsOptions = {},
  ) {
    this.#store = store;
    this.#pausesMs = pausesMs;
    this.#random = random;
  }

  put(key: string, body: Buffer): Promise<void> {
    return this.#store.put(key, body);
  }

  get(key: string): Promise<Buffer> {
    return this.#retried(() => this.#store.get(key));
  }

  getRange(key: string, fromByte: number, toByte: number): Promise<Buffer> {
    return this.#retried(() => this.#store.getRange(key, fromByte, toByte));
  }

  stat(key: string): Promise<StoredObject | null> {
    return this.#retried(() => this.#store.stat(key));
  }

  async *list(prefix: string, options: { readonly after?: string } = {}): AsyncGenerator<ListedObject> {
    let { after } = options;
    for (let failures = 0; ; ) {
      const startedMs = performance.now();
      try {
        for await (const object of this.#store.list(prefix, after === undefined ? {} : { after })) {
          failures = 0;
          after = object.key;
          yield object;
        }
        this.#budget.succeeded();
        return;
      } catch (error) {
        // What was listed is not listed again: the list goes on behind it.
        if (!(await this.#mayRetry(error, failures, startedMs))) throw error;
        failures += 1;
      }
    }
  }

  delete(keys: readonly string[]): Promise<void> {
    return this.#store.delete(keys);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#store.close();
  }

  async #retried<T>(read: () => Promise<T>): Promise<T> {
    for (let failures = 0; ; failures += 1) {
      const startedMs = performance.now();
      try {
        const result = await read();
        this.#budget.succeeded();
        return result;
      } catch (error) {
        if (!(await this.#mayRetry(error, failures, startedMs))) throw error;
      }
    }
  }

  /** Waits before a retry. @returns false when there is to be none */
  async #mayRetry(error: unknown, failures: number, startedMs: number): Promise<boolean> {
    if (
      !(error instanceof StoreError) ||
      error.code !== 'store-unavailable' ||
      error instanceof PartialListError
    ) {
      // The store has answered.
      if (error instanceof StoreError) this.#budget.succeeded();
      return false;
    }
    const pauseMs = this.#pausesMs[failures];
    const isLong = performance.now() - startedMs >= LONG_MS;
    if (pauseMs === undefined || (isLong && failures > 0) || this.#closed.signal.aborted) return false;
    if (!this.#budget.take()) return false;
    const { signal } = this.#closed;
    await pause(pauseMs * (1 + this.#random() / 2), undefined, { signal }).catch(() => {});
    return !signal.aborted;
  }
}
