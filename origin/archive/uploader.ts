import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { type ObjectStore, StoreError } from '../../shared/object-store.ts';
import { gridStartMsOf } from '../packager/recording/stored-segment.ts';
import type { ArchiveIndex } from './archive-index.ts';
import { initKey, segmentKey } from './archive-keys.ts';
import { type PendingPut, PutSchedule } from './put-schedule.ts';
import type { Spool } from './spool.ts';
import { spoolFault, type Spooled } from './spool-names.ts';

/** What the uploader works with. */
export type UploaderDeps = {
  readonly store: ObjectStore;
  readonly spool: Spool;
  readonly index: ArchiveIndex;
  readonly logger: Logger;
  /** When this process started, UTC milliseconds. */
  readonly startedMs: number;
  /** A spooled object cannot be put. */
  onLost(spooled: Spooled, why: string): void;
};

/** Puts spooled objects into the store, as {@link PutSchedule} decides. What fails is retried until it is stored. */
export class Uploader {
  readonly #deps: UploaderDeps;
  readonly #schedule = new PutSchedule();
  readonly #puts = new Set<Promise<void>>();
  readonly #drained = new Set<() => void>();
  #retryTimer: NodeJS.Timeout | null = null;
  #isStopping = false;
  #stored = 0;
  #storedBytes = 0;
  #failedPuts = 0;

  constructor(deps: UploaderDeps) {
    this.#deps = deps;
  }

  /** Segments put since the start, their bytes, and puts that failed. */
  get counts(): { readonly stored: number; readonly storedBytes: number; readonly failedPuts: number } {
    return { stored: this.#stored, storedBytes: this.#storedBytes, failedPuts: this.#failedPuts };
  }

  /** Objects that are not in the store yet. */
  get pendingCount(): number {
    return this.#schedule.pendingCount + this.#schedule.inFlightCount;
  }

  /** Whether the store has failed since the last put that succeeded. */
  get isStoreDown(): boolean {
    return this.#schedule.isFailing;
  }

  /** Adds an object of the spool. @param bytes its bytes, when they are at hand */
  add(spooled: Spooled, bytes: Buffer | null = null): void {
    this.#schedule.add(spooled, bytes);
    this.#startPuts();
  }

  /** Resolves when the puts that are in flight now have succeeded or failed. */
  async inFlightSettled(): Promise<void> {
    await Promise.all(this.#puts);
  }

  /** Resolves when all objects are stored; after {@link stop} also when the store fails, and the rest stays in the spool. */
  async drained(): Promise<void> {
    while (!this.#isDrained) await new Promise<void>((resolve) => this.#drained.add(resolve));
  }

  /** Ends retries. Puts continue until the first one fails; then, or when all are done, {@link drained} resolves. */
  stop(): void {
    this.#isStopping = true;
    this.#notifyDrained();
  }

  /** Forgets pending objects: they stay in the spool. */
  abandon(): void {
    this.#isStopping = true;
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#schedule.clear();
    this.#notifyDrained();
  }

  get #isDrained(): boolean {
    if (this.#schedule.inFlightCount > 0) return false;
    return this.#schedule.pendingCount === 0 || (this.#isStopping && this.#schedule.isFailing);
  }

  #notifyDrained(): void {
    if (!this.#isDrained) return;
    for (const resolve of this.#drained) resolve();
    this.#drained.clear();
  }

  #startPuts(): void {
    if (this.#retryTimer !== null || (this.#isStopping && this.#schedule.isFailing)) return;
    const waitMs = this.#schedule.retryInMs(performance.now());
    if (waitMs > 0) {
      this.#retryTimer = setTimeout(() => {
        this.#retryTimer = null;
        this.#startPuts();
      }, Math.ceil(waitMs));
      this.#retryTimer.unref();
      return;
    }
    for (;;) {
      const next = this.#schedule.next(performance.now());
      if (next === null) return;
      const put = this.#put(next).then(() => {
        this.#puts.delete(put);
        this.#startPuts();
        this.#notifyDrained();
      });
      this.#puts.add(put);
    }
  }

  async #put(pending: PendingPut): Promise<void> {
    const { spooled } = pending;
    const { spool, store, index, logger, onLost } = this.#deps;
    try {
      const bytes = pending.bytes ?? (await spool.read(spooled));
      const fault = spoolFault(spooled, bytes);
      if (bytes === null || fault !== null) {
        onLost(spooled, fault ?? '');
        await this.#discard(spooled);
        this.#schedule.dropped(pending);
        return;
      }
      if (await this.#isListed(spooled)) {
        await this.#discard(spooled);
        this.#schedule.dropped(pending);
        return;
      }
      await store.put(keyOf(spooled), bytes);
      if (this.isStoreDown) logger.info({ pending: this.pendingCount }, 'the store accepts segments again');
      if (spooled.kind === 'init') await spool.remove(spooled);
      else {
        index.markStored(spooled.channel, spooled.segment);
        this.#stored += 1;
        this.#storedBytes += bytes.length;
      }
      this.#schedule.succeeded(pending);
    } catch (error) {
      this.#failed(pending, error);
    }
  }

  /**
   * Whether the store lists a segment already. A restarted origin receives the last half minute again and cuts it again; media
   * that viewers and caches have received must not change.
   */
  async #isListed(spooled: Spooled): Promise<boolean> {
    if (spooled.kind === 'init' || gridStartMsOf(spooled.segment) >= this.#deps.startedMs) return false;
    return this.#deps.index.isListed(spooled.channel, spooled.segment);
  }

  /** Removes an object that is not put from the spool and the index. */
  async #discard(spooled: Spooled): Promise<void> {
    if (spooled.kind === 'segment') this.#deps.index.forget(spooled.channel, spooled.segment);
    await this.#deps.spool.remove(spooled);
  }

  #failed(pending: PendingPut, error: unknown): void {
    const { logger, spool } = this.#deps;
    this.#failedPuts += 1;
    if (!this.isStoreDown) {
      logger.error(
        { spoolBytes: spool.sizeBytes },
        `the store does not accept segments; they stay in the spool: ${describeError(error)}`,
      );
    }
    const isRefusal = error instanceof StoreError && error.code !== 'store-unavailable';
    if (isRefusal) this.#schedule.refused(pending, performance.now());
    else this.#schedule.failed(pending, performance.now());
  }
}

function keyOf(spooled: Spooled): string {
  if (spooled.kind === 'init') return initKey(spooled.channel, spooled.rendition, spooled.hash);
  return segmentKey(spooled.channel, gridStartMsOf(spooled.segment), spooled.segment);
}
