import { describeError } from '../../shared/errors.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import type { Logger } from '../../shared/logger.ts';
import { waitAtMost } from '../../shared/wait-at-most.ts';
import { BroadcastError, type BroadcastRecord, mergeAired } from './broadcast-record.ts';
import { broadcastKey, type BroadcastStore } from './broadcast-store.ts';
import type { KnownBroadcasts } from './known-broadcasts.ts';

const WRITES_AT_ONCE = 8;
const RETRY_MS = 3000;
/** How long {@link BroadcastWriter.stop} waits, milliseconds; the next start has the rest from the log of runs. */
const STOP_MS = 3000;

/**
 * Writes broadcasts to the store: what was on air in the background, until the store accepts it; what people change at once.
 * An object is read before it is written, so what another process wrote is not lost.
 */
export class BroadcastWriter {
  readonly #store: BroadcastStore;
  readonly #known: KnownBroadcasts;
  readonly #logger: Logger;
  /** Pending broadcasts, as they were put. */
  readonly #pending = new Map<string, BroadcastRecord>();
  /** Keys put, written or removed since the last {@link beginListing}: a listing may show their objects as they were. */
  readonly #touched = new Set<string>();
  #writing: Promise<void> | null = null;
  #retryTimer: NodeJS.Timeout | null = null;
  #isStopped = false;

  /** @param known is told what is in the store now */
  constructor(store: BroadcastStore, known: KnownBroadcasts, logger: Logger) {
    this.#store = store;
    this.#known = known;
    this.#logger = logger;
  }

  /** A listing of the store begins: what is touched from now on may be newer than what it shows. */
  beginListing(): void {
    this.#touched.clear();
  }

  /** Whether what is known of a key is newer than what the listing showed. */
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
   * @param change given what is stored, with what is pending here; what it throws is thrown
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
    // More may have been put meanwhile: that is written by the next turn.
    const newer = this.#pending.get(key);
    if (newer === pending) this.#pending.delete(key);
    this.#known.set(
      newer === undefined || newer === pending ? broadcast : mergeAired(broadcast, newer),
      null,
    );
    return broadcast;
  }

  /** Removes an object. @throws {StoreError} it is still there then */
  async remove(key: string): Promise<void> {
    this.#pending.delete(key);
    await this.#store.remove(key);
    this.#touched.add(key);
    this.#known.delete(key);
  }

  /** Resolves when all that was put is stored, or has been tried once. */
  async settled(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  /** Ends retries, after one more try of what is pending; waits a moment for it. */
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

  /** Tries each pending broadcast once, and what is put meanwhile too. */
  async #writeAll(): Promise<void> {
    const tried = new Map<string, BroadcastRecord>();
    for (;;) {
      const untried = [...this.#pending].filter(([key, put]) => tried.get(key) !== put);
      if (untried.length === 0) return;
      for (const [key, put] of untried) tried.set(key, put);
      await forEachBounded(untried, WRITES_AT_ONCE, ([key]) => this.#writeOne(key));
    }
  }

  /** Failures are logged: one broadcast does not keep the others from being written. */
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
