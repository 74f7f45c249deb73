import type { Logger } from '../../shared/logger.ts';
import type { ObjectStore } from '../../shared/object-store.ts';
import { gridStartMsOf, type StoredSegment } from '../packager/recording/stored-segment.ts';
import type { ArchiveIndex } from './archive-index.ts';
import { initKey, segmentKey } from './archive-keys.ts';
import { PutFailures } from './put-failures.ts';
import { PutSchedule, type StartedPut } from './put-schedule.ts';
import type { Spool } from './spool.ts';
import { spoolFault, type Spooled } from './spool-names.ts';

/** What the uploader works with. */
export type UploaderDeps = {
  readonly store: ObjectStore;
  readonly spool: Spool;
  readonly index: ArchiveIndex;
  readonly logger: Logger;
  readonly nowMs: () => number;
  /** A spooled object cannot be put. */
  onLost(spooled: Spooled, why: string): void;
};

/** Puts spooled objects into the store, as {@link PutSchedule} decides. What fails is retried until it is stored. */
export class Uploader {
  readonly #deps: UploaderDeps;
  readonly #schedule = new PutSchedule();
  readonly #failures: PutFailures;
  /** When this process started, UTC milliseconds. */
  readonly #startedMs: number;
  readonly #puts = new Map<Promise<void>, string>();
  readonly #drained = new Set<() => void>();
  #retryTimer: NodeJS.Timeout | undefined;
  #isStopping = false;
  #isStoreDown = false;
  #stored = 0;
  #storedBytes = 0;
  #failedPuts = 0;

  constructor(deps: UploaderDeps) {
    this.#deps = deps;
    this.#startedMs = deps.nowMs();
    this.#failures = new PutFailures(deps.logger, deps.nowMs);
  }

  /** Segments put since the start, their bytes, and puts that failed. */
  get counts(): { readonly stored: number; readonly storedBytes: number; readonly failedPuts: number } {
    return { stored: this.#stored, storedBytes: this.#storedBytes, failedPuts: this.#failedPuts };
  }

  /** Objects that are not in the store yet. */
  get pendingCount(): number {
    return this.#schedule.pendingCount + this.#schedule.inFlightCount;
  }

  /** Objects that the store does not take while it takes others of their channels. */
  get asideCount(): number {
    return this.#schedule.asideCount;
  }

  /** Channels whose puts fail. */
  get failingCount(): number {
    return this.#schedule.failingChannels.length;
  }

  /** Whether puts of some channel fail, and no other channel's has succeeded since. */
  get isStoreDown(): boolean {
    return this.#isStoreDown;
  }

  /** Whether puts of a channel fail. */
  isFailing(channel: string): boolean {
    return this.#schedule.isFailing(channel);
  }

  /** Adds an object of the spool. @param bytes its bytes, when they are at hand */
  add(spooled: Spooled, bytes: Buffer | null = null): void {
    this.#schedule.add(spooled, bytes);
    this.#startPuts();
  }

  /** Resolves when the puts of a channel that are in flight now have succeeded or failed. */
  async inFlightSettled(channel: string): Promise<void> {
    await Promise.all([...this.#puts].flatMap(([put, owner]) => (owner === channel ? [put] : [])));
  }

  /** Resolves when all objects are stored; after {@link stop} when none is in flight, and the rest stays in the spool. */
  async drained(): Promise<void> {
    while (!this.#isDrained) await new Promise<void>((resolve) => this.#drained.add(resolve));
  }

  /** Ends retries. The puts of each channel continue until one fails; when none is left, {@link drained} resolves. */
  stop(): void {
    this.#isStopping = true;
    this.#notifyDrained();
  }

  /** Forgets pending objects: they stay in the spool. */
  abandon(): void {
    this.#isStopping = true;
    clearTimeout(this.#retryTimer);
    this.#schedule.clear();
    this.#notifyDrained();
  }

  /**
   * Removes segments from the spool that are not in the store, and not on their way to it: their broadcast was deleted.
   *
   * @param isToGo tells which
   */
  async discard(channel: string, isToGo: (segment: StoredSegment) => boolean): Promise<void> {
    const gone = this.#schedule.discard(
      channel,
      (spooled) => spooled.kind === 'segment' && isToGo(spooled.segment),
    );
    for (const spooled of gone) await this.#discard(spooled);
    this.#notifyDrained();
  }

  get #isDrained(): boolean {
    if (this.#schedule.inFlightCount > 0) return false;
    return this.#isStopping || this.#schedule.pendingCount === 0;
  }

  #notifyDrained(): void {
    if (!this.#isDrained) return;
    for (const resolve of this.#drained) resolve();
    this.#drained.clear();
  }

  #startPuts(): void {
    clearTimeout(this.#retryTimer);
    for (;;) {
      const next = this.#schedule.next(performance.now(), !this.#isStopping);
      if (next === null) break;
      const put = this.#put(next).then(() => {
        this.#puts.delete(put);
        this.#startPuts();
        this.#notifyDrained();
      });
      this.#puts.set(put, next.channel);
    }
    const waitMs = this.#isStopping ? null : this.#schedule.waitMs(performance.now());
    if (waitMs === null) return;
    this.#retryTimer = setTimeout(() => this.#startPuts(), Math.ceil(waitMs)).unref();
  }

  async #put(started: StartedPut): Promise<void> {
    const { spooled, failures } = started.put;
    const { spool, store, onLost } = this.#deps;
    let bytes: Buffer | null;
    try {
      bytes = started.put.bytes ?? (await spool.read(spooled));
    } catch (error) {
      this.#schedule.setAside(started, performance.now());
      this.#failures.unreadable(started.channel, keyOf(spooled), failures + 1, error);
      return;
    }
    const fault = spoolFault(spooled, bytes);
    if (bytes === null || fault !== null) {
      onLost(spooled, fault ?? '');
      await this.#discard(spooled);
      this.#schedule.dropped(started);
      return;
    }
    try {
      if (await this.#isListed(spooled)) {
        await this.#discard(spooled);
        this.#schedule.dropped(started);
        return;
      }
      await store.put(keyOf(spooled), bytes);
    } catch (error) {
      this.#failed(started, error);
      return;
    }
    await this.#succeeded(started, bytes.length);
  }

  async #succeeded(started: StartedPut, sizeBytes: number): Promise<void> {
    const { spooled } = started.put;
    if (spooled.kind === 'init') await this.#removeFile(spooled);
    else {
      this.#deps.index.markStored(spooled.channel, spooled.segment);
      this.#stored += 1;
      this.#storedBytes += sizeBytes;
    }
    this.#schedule.succeeded(started);
    this.#isStoreDown = false;
    if (this.failingCount === 0) this.#failures.noneFails(this.pendingCount);
  }

  /**
   * Whether the store lists a segment already. A restarted origin receives the last half minute again and cuts it again; media
   * that viewers and caches have received must not change.
   */
  async #isListed(spooled: Spooled): Promise<boolean> {
    if (spooled.kind === 'init' || gridStartMsOf(spooled.segment) >= this.#startedMs) return false;
    return this.#deps.index.isListed(spooled.channel, spooled.segment);
  }

  /** Removes an object that is not put from the spool and the index. */
  async #discard(spooled: Spooled): Promise<void> {
    if (spooled.kind === 'segment') this.#deps.index.forget(spooled.channel, spooled.segment);
    await this.#removeFile(spooled);
  }

  /** A file that stays takes space, and is put once more after the next start. */
  async #removeFile(spooled: Spooled): Promise<void> {
    try {
      await this.#deps.spool.remove(spooled);
    } catch (error) {
      this.#failures.notRemoved(spooled.channel, keyOf(spooled), error);
    }
  }

  #failed(started: StartedPut, error: unknown): void {
    const { channel, put } = started;
    this.#failedPuts += 1;
    if (this.#schedule.failed(started, performance.now()) === 'object') {
      this.#failures.objectRefused(channel, keyOf(put.spooled), put.failures + 1, error);
      return;
    }
    this.#isStoreDown = true;
    const { failingChannels } = this.#schedule;
    this.#failures.channelFails(channel, failingChannels, this.#deps.spool.sizeBytes, error);
  }
}

function keyOf(spooled: Spooled): string {
  if (spooled.kind === 'init') return initKey(spooled.channel, spooled.rendition, spooled.hash);
  return segmentKey(spooled.channel, gridStartMsOf(spooled.segment), spooled.segment);
}
