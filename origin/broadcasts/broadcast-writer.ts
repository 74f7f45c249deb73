import { describeError } from '../../shared/errors.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import type { Logger } from '../../shared/logger.ts';
import { waitAtMost } from '../../shared/wait-at-most.ts';
import { BroadcastError, type BroadcastRecord, mergeAired } from './broadcast-record.ts';
import { broadcastKey, type BroadcastStore } from './broadcast-store.ts';
import type { KnownBroadcasts } from './known-broadcasts.ts';

const WRITES_AT_ONCE = 8;
const RETRY_MS = 3000;
/** How long {@link BroadcastWriter.stop} waits, milliseconds; the next start reads the rest from the log of runs. */
const STOP_MS = 3000;

/**
 * Writes broadcasts to the store: {@link put} in the background, retried until the store accepts it; {@link rewrite} at once.
 * An object is read before it is written, so that another process's change is not lost.
 */
export class BroadcastWriter {
  readonly #store: BroadcastStore;
  readonly #known: KnownBroadcasts;
  readonly #logger: Logger;
  /** Pending broadcasts, as they were put. */
  readonly #pending = new Map<string, BroadcastRecord>();
  /** Keys put, written or removed since the last {@link beginListing}: a listing may have older versions of them. */
  readonly #touched = new Set<string>();
  #writing: Promise<void> | null = null;
  #retryTimer: NodeJS.Timeout | null = null;
  #isStopped = false;

  /** @param known is updated with what is in the store */
  constructor(store: BroadcastStore, known: KnownBroadcasts, logger: Logger) {
    this.#store = store;
    this.#known = known;
    this.#logger = logger;
  }

  /** To be called when a listing of the store begins: keys that change from now on may be newer than the listing. */
  beginListing(): void {
    this.#touched.clear();
  }

  /** Whether a key has changed here since the listing began. */
  isNewerThanListed(key: string): boolean {
    return this.#pending.has(key) || this.#touched.has(key);
  }

  /** Writes a broadcast in the background. */
  put(broadcast: BroadcastRecord): void {
    const key = broadcastKey(broadcast);
    this.#touched.add(key);
    this.#pending.set(key, broadcast);
    this.#start();
  }

  /**
   * Changes an object. Resolves when the change is in the store.
   *
   * @param change gets the stored record, merged with a pending one; its errors are thrown
   * @returns what is stored now; undefined when there is none
   * @throws {StoreError} {@link BroadcastError} `bad-broadcast`: nothing is changed
   */
  async rewrite(
    key: string,
    change: (current: BroadcastRecord | undefined) => BroadcastRecord | undefined,
  ): Promise<BroadcastRecord | undefined> {
    let pending: BroadcastRecord | undefined;
    const broadcast = await this.#store.change(key, (stored) => {
      pending = this.#pending.get(key);
      return change(pending === undefined ? stored : mergeAired(stored, pending));
    });
    if (broadcast === null) return undefined;
    this.#touched.add(key);
    // A newer record may have been put meanwhile: it is written in the next turn.
    const newer = this.#pending.get(key);
    if (newer === pending) this.#pending.delete(key);
    this.#known.set(
      newer === undefined || newer === pending ? broadcast : mergeAired(broadcast, newer),
      null,
    );
    return broadcast;
  }

  /** Removes an object. @throws {StoreError} it may still exist */
  async remove(key: string): Promise<void> {
    this.#pending.delete(key);
    await this.#store.remove(key);
    this.#touched.add(key);
    this.#known.delete(key);
  }

  /** Resolves when each pending record is stored, or has been tried once. */
  async settled(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  /** Ends retries, after one more attempt for each pending record; waits a short time for it. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    await waitAtMost(
      STOP_MS,
      this.settled().then(() => this.#writeAll()),
    );
  }

  #start(): void {
    if (this.#writing !== null || this.#retryTimer !== null || this.#isStopped) return;
    this.#writing = this.#writeAll().finally(() => {
      this.#writing = null;
      if (this.#pending.size === 0 || this.#isStopped) return;
      this.#retryTimer = setTimeout(() => {
        this.#retryTimer = null;
        this.#start();
      }, RETRY_MS);
      this.#retryTimer.unref();
    });
  }

  /** Tries each pending record once, including those that are put meanwhile. */
  async #writeAll(): Promise<void> {
    const tried = new Map<string, BroadcastRecord>();
    for (;;) {
      const untried = [...this.#pending].filter(([key, put]) => tried.get(key) !== put);
      if (untried.length === 0) return;
      for (const [key, put] of untried) tried.set(key, put);
      await forEachBounded(untried, WRITES_AT_ONCE, ([key]) => this.#writeOne(key));
    }
  }

  /** Failures are logged: after the failure of one broadcast the others are still written. */
  async #writeOne(key: string): Promise<void> {
    try {
      await this.rewrite(key, (current) => current);
    } catch (error) {
      this.#logger.warn({ object: key }, `a broadcast is not stored yet: ${describeError(error)}`);
      if (!(error instanceof BroadcastError) || error.code !== 'bad-broadcast') return;
      // An object that cannot be read is never overwritten.
      this.#pending.delete(key);
      this.#known.setUnreadable(key, '');
    }
  }
}
