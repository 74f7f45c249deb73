import type { Clock } from '../../shared/clock.ts';
import { describeError } from '../../shared/errors.ts';
import { type Logger, sparing } from '../../shared/logger.ts';
import type { ObjectStore } from '../../shared/object-store.ts';
import { waitAtMost } from '../../shared/wait-at-most.ts';
import type { Segment } from '../packager/media.ts';
import type { StoredSegment } from '../packager/recording/stored-segment.ts';
import type { ArchiveIndex } from './archive-index.ts';
import { IndexFlusher } from './index-flusher.ts';
import type { Spool } from './spool.ts';
import { SpoolFillAlarm } from './spool-fill-alarm.ts';
import type { Spooled } from './spool-names.ts';
import { SpoolWriter } from './spool-writer.ts';
import { Uploader } from './uploader.ts';

/** Counters of the archive, for `/metrics`. */
export type ArchiveCounts = {
  /** Segments put into the store. */
  readonly stored: number;
  readonly storedBytes: number;
  /** Puts that failed; each is retried. */
  readonly failedPuts: number;
  /** Segments that could not be spooled or put: they are lost. */
  readonly lost: number;
};

/** What the archive works with. */
export type ArchiveDeps = {
  readonly store: ObjectStore;
  readonly spool: Spool;
  readonly index: ArchiveIndex;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Limit of the spool, in bytes. */
  readonly maxSpoolBytes: number;
  /** How often the index is written to the store, milliseconds. */
  readonly flushMs: number;
  /** How long {@link Archive.stop} waits for what is pending, milliseconds; 3 s when left out. */
  readonly stopMs?: number;
};

const LOG_EVERY_MS = 60_000;
const STOP_MS = 3000;

/**
 * Brings closed segments to the store: into the spool ({@link SpoolWriter}), into the store ({@link Uploader}), into the index
 * and out of the spool ({@link IndexFlusher}). At every moment a segment is in the spool or listed, so a kill loses nothing.
 */
export class Archive {
  readonly #deps: ArchiveDeps;
  readonly #writer: SpoolWriter;
  readonly #uploader: Uploader;
  readonly #flusher: IndexFlusher;
  readonly #alarm: SpoolFillAlarm;
  readonly #lossLog: ReturnType<typeof sparing>;
  #lost = 0;
  #isStopped = false;

  constructor(deps: ArchiveDeps) {
    const { store, spool, index, clock, logger, maxSpoolBytes } = deps;
    const nowMs = (): number => clock.nowMs();
    this.#deps = deps;
    this.#lossLog = sparing(logger, LOG_EVERY_MS, nowMs);
    this.#alarm = new SpoolFillAlarm(maxSpoolBytes);
    this.#writer = new SpoolWriter({
      ...{ spool, maxSpoolBytes },
      isSpooled: (channel, segment) => index.isLocal(channel, segment),
      onSpooled: (spooled, bytes) => this.#onSpooled(spooled, bytes),
      onLost: (channel, rendition, number, why) => this.#onSegmentLost(channel, rendition, number, why),
    });
    this.#uploader = new Uploader({
      ...{ store, spool, index, logger, nowMs },
      onLost: (spooled, why) => this.#onLost(spooled, why),
    });
    this.#flusher = new IndexFlusher({
      ...{ index, spool, logger, nowMs, everyMs: deps.flushMs },
      isFailing: (channel) => this.#uploader.isFailing(channel),
      onRemoved: () => this.#alarm.afterRemoval(spool.sizeBytes),
    });
  }

  /** Takes over what an earlier process left in the spool, and starts. */
  async start(): Promise<void> {
    const { spool, index, logger } = this.#deps;
    const left = await spool.recover((path, error) => {
      logger.warn(
        { path, error: describeError(error) },
        `${path} of the spool is skipped: it cannot be read`,
      );
    });
    for (const spooled of left) {
      if (spooled.kind === 'segment') index.add(spooled.channel, spooled.segment);
      this.#uploader.add(spooled);
    }
    if (left.length > 0) logger.info({ count: left.length, sizeBytes: spool.sizeBytes }, 'spool recovered');
    this.#flusher.start();
  }

  /** Counts since the start. */
  get counts(): ArchiveCounts {
    return { ...this.#uploader.counts, lost: this.#lost };
  }

  /** Spooled objects that are not in the store yet. */
  get pendingCount(): number {
    return this.#uploader.pendingCount;
  }

  /** Size of the spool, in bytes. */
  get spoolBytes(): number {
    return this.#deps.spool.sizeBytes;
  }

  /** Objects that the store does not take while it takes others of their channels. */
  get asideCount(): number {
    return this.#uploader.asideCount;
  }

  /** Channels whose puts fail. */
  get failingCount(): number {
    return this.#uploader.failingCount;
  }

  /** True while puts fail, and none succeeds. */
  get isStoreDown(): boolean {
    return this.#uploader.isStoreDown;
  }

  /**
   * Takes a closed segment. Returns at once; failures are retried, and losses are logged and counted.
   *
   * @param segment closed and no gap; borrowed
   */
  take(channel: string, rendition: string, segment: Segment): void {
    if (!this.#isStopped) this.#writer.take(channel, rendition, segment);
  }

  /**
   * Lists stored segments in the store's index, and removes them from the spool.
   *
   * @param channel one channel only; all when it is left out
   * @throws {StoreError} when the store fails; the next flush tries again
   */
  flush(channel?: string): Promise<void> {
    return this.#flusher.flush(channel);
  }

  /** A class is over: flushes its channel as soon as its segments are stored. */
  flushSoon(channel: string): void {
    const settled = Promise.all([this.#writer.settled(channel), this.#uploader.inFlightSettled(channel)]);
    settled.then(() => this.flush(channel)).catch(() => {});
  }

  /**
   * Resolves when all that was taken is stored and listed. After {@link stop} it resolves also when the store fails.
   *
   * @throws {StoreError} {@link ArchiveError} `bad-index`: what is stored cannot be listed now
   */
  async settled(): Promise<void> {
    do {
      await this.#writer.settled();
      await this.#uploader.drained();
    } while (!this.#writer.isIdle);
    await this.flush();
  }

  /**
   * Removes segments from the spool that are not in the store, and not on their way to it: their broadcast was deleted. One that
   * the store refuses for ever would stay otherwise.
   *
   * @param isToGo tells which
   */
  discardUnstored(channel: string, isToGo: (segment: StoredSegment) => boolean): Promise<void> {
    return this.#uploader.discard(channel, isToGo);
  }

  /** Stops, after a short wait for pending segments; the rest stays in the spool for the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#flusher.stop();
    this.#uploader.stop();
    await this.#writer.settled();
    await waitAtMost(
      this.#deps.stopMs ?? STOP_MS,
      this.settled().catch(() => {}),
    );
    this.#uploader.abandon();
  }

  #onSpooled(spooled: Spooled, bytes: Buffer | null): void {
    const { spool, index, logger, maxSpoolBytes } = this.#deps;
    if (spooled.kind === 'segment') index.add(spooled.channel, spooled.segment);
    this.#uploader.add(spooled, bytes);
    const share = this.#alarm.afterWrite(spool.sizeBytes);
    if (share === null) return;
    logger.warn(
      { spoolBytes: spool.sizeBytes, maxSpoolBytes },
      `the spool is ${Math.round(share * 100)} % full: repair the store before closed segments are lost`,
    );
  }

  #onLost(spooled: Spooled, why: string): void {
    if (spooled.kind === 'segment') {
      const { channel, segment } = spooled;
      this.#onSegmentLost(channel, segment.rendition, segment.number, why);
      return;
    }
    const { channel, rendition, hash } = spooled;
    this.#writer.forgetInit(channel, rendition, hash);
    this.#deps.logger.error({ channel, rendition, hash }, `an init segment is lost: ${why}`);
  }

  #onSegmentLost(channel: string, rendition: string, number: number, why: string): void {
    this.#lost += 1;
    this.#lossLog.error({ channel, rendition, number, lost: this.#lost }, `a segment is lost: ${why}`);
  }
}
