import { Semaphore } from 'async-mutex';
import { describeError } from '../../shared/errors.ts';
import { type Logger, sparing } from '../../shared/logger.ts';
import { waitAtMost } from '../../shared/wait-at-most.ts';
import { BroadcastError, type BroadcastRecord, mergeAired } from './broadcast-record.ts';
import { broadcastKey, type BroadcastStore } from './broadcast-store.ts';
import type { KnownBroadcasts } from './known-broadcasts.ts';

const WRITES_AT_ONCE = 8;
/** Of records whose write has failed: they hold up no others. */
const RETRIES_AT_ONCE = 2;
/** Delay of the first retry of a record, milliseconds. It doubles, up to the longest. */
const RETRY_MS = 3000;
const LAST_RETRY_MS = 15_000;
const LOG_EVERY_MS = 60_000;
/** How long {@link BroadcastWriter.stop} waits, milliseconds; the next start reads the rest from the log of runs. */
const STOP_MS = 3000;

/**
 * Writes broadcasts to the store: {@link put} in the background, each retried by itself until the store accepts it; {@link rewrite}
 * at once. An object is read before it is written, so that another process's change is not lost.
 */
export class BroadcastWriter {
  readonly #store: BroadcastStore;
  readonly #known: KnownBroadcasts;
  readonly #logger: Logger;
  readonly #failureLog: ReturnType<typeof sparing>;
  /** Pending broadcasts, as they were put. */
  readonly #pending = new Map<string, BroadcastRecord>();
  /** Keys put, written or removed since the last {@link beginListing}: a listing may have older versions of them. */
  readonly #touched = new Set<string>();
  /** Writes in progress, by key. */
  readonly #writing = new Map<string, Promise<void>>();
  /** Retries to come, by key. */
  readonly #retries = new Map<string, NodeJS.Timeout>();
  /** How often the write of a pending record has failed. */
  readonly #failures = new Map<string, number>();
  readonly #places = new Semaphore(WRITES_AT_ONCE);
  readonly #retryPlaces = new Semaphore(RETRIES_AT_ONCE);
  #isStopped = false;

  /** @param known is updated with what is in the store */
  constructor(store: BroadcastStore, known: KnownBroadcasts, logger: Logger) {
    this.#store = store;
    this.#known = known;
    this.#logger = logger;
    this.#failureLog = sparing(logger, LOG_EVERY_MS, () => performance.now());
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
    if (!this.#retries.has(key) && !this.#isStopped) this.#start(key);
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

  /** Resolves when each pending record is stored, or has been tried. */
  async settled(): Promise<void> {
    while (this.#writing.size > 0) await Promise.all(this.#writing.values());
  }

  /** Ends retries, after one more attempt for each pending record; waits a short time for it. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#retries.values()) clearTimeout(timer);
    this.#retries.clear();
    const lastAttempts = async (): Promise<void> => {
      await this.settled();
      for (const key of this.#pending.keys()) this.#start(key);
      await this.settled();
    };
    await waitAtMost(STOP_MS, lastAttempts());
  }

  #start(key: string): void {
    if (this.#writing.has(key)) return;
    const writing = this.#write(key).then((isWritten) => {
      this.#writing.delete(key);
      if (this.#isStopped) return;
      if (!isWritten) this.#retryLater(key);
      else if (this.#pending.has(key)) this.#start(key);
    });
    this.#writing.set(key, writing);
  }

  /** @returns false when it is to be tried again */
  async #write(key: string): Promise<boolean> {
    const places = this.#failures.has(key) ? this.#retryPlaces : this.#places;
    return places.runExclusive(async () => {
      try {
        await this.rewrite(key, (current) => current);
        this.#failures.delete(key);
        return true;
      } catch (error) {
        const why = describeError(error);
        if (!(error instanceof BroadcastError) || error.code !== 'bad-broadcast') {
          this.#failureLog.warn({ object: key }, `a broadcast is not stored yet: ${why}`);
          return false;
        }
        // An object that cannot be read is never overwritten.
        this.#logger.warn({ object: key }, `a broadcast is not stored: ${why}`);
        this.#pending.delete(key);
        this.#failures.delete(key);
        this.#known.setUnreadable(key, '');
        return true;
      }
    });
  }

  #retryLater(key: string): void {
    if (!this.#pending.has(key)) return;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const delayMs = Math.min(LAST_RETRY_MS, RETRY_MS * 2 ** Math.min(failures - 1, 10));
    const retry = (): void => {
      this.#retries.delete(key);
      this.#start(key);
    };
    this.#retries.set(key, setTimeout(retry, delayMs).unref());
  }
}
