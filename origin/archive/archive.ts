import type { Clock } from '../../shared/clock.ts';
import { describeError } from '../../shared/errors.ts';
import { type Logger, sparing } from '../../shared/logger.ts';
import { type ObjectStore, StoreError } from '../../shared/object-store.ts';
import { waitAtMost } from '../../shared/wait-at-most.ts';
import type { Segment } from '../packager/media.ts';
import type { ArchiveIndex } from './archive-index.ts';
import { initKey, segmentKey } from './archive-keys.ts';
import { faultOf, type Spool, type Spooled } from './spool.ts';
import { describeSegment, gridStartMsOf } from '../packager/recording/stored-segment.ts';

/** What the archive counts, for `/metrics`. */
export type ArchiveCounts = {
  /** Segments in the store. */
  readonly stored: number;
  readonly storedBytes: number;
  /** Puts that failed; each is tried again. */
  readonly failedPuts: number;
  /** Segments that could not even be spooled: they are gone. */
  readonly lost: number;
};

/** What the archive works with. */
export type ArchiveDeps = {
  readonly store: ObjectStore;
  readonly spool: Spool;
  readonly index: ArchiveIndex;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What the spool may hold, in bytes. */
  readonly maxSpoolBytes: number;
  /** How often what has got to the store is listed there, in milliseconds. */
  readonly flushMs: number;
};

type Queued = { readonly place: number; readonly spooled: Spooled; readonly bytes: Buffer | null };
/** How a put ended: `later` where the store may take others. */
type PutResult = 'done' | 'again' | 'later';

/** Objects on their way to the store at once. */
const PUTS_AT_ONCE = 8;
/** How far one that is put may be ahead of the oldest that is not there yet: they arrive in order, but for so many. */
const MAX_OUT_OF_ORDER = 16;
/** Segments on their way to the local disk, in bytes: a disk that hangs must not fill the memory. */
const MAX_UNWRITTEN_BYTES = 128 * 2 ** 20;
/** Init segments that are remembered to be in the store; a forgotten one is put again. */
const MAX_INITS = 10_000;
/** Shares of the spool's bound at which it is said in the log that it fills. */
const WARN_SHARES = [0.25, 0.5, 0.75, 0.9];
/** Bytes of what waits that are kept in memory, to be put without being read again. */
const MAX_HELD_BYTES = 32 * 2 ** 20;
const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 15_000;
const LOG_EVERY_MS = 30_000;
/** How long what waits may take to get out when the process ends, in milliseconds; the rest stays in the spool. */
const FAREWELL_MS = 3000;

/**
 * Brings closed segments to the store, off the hot path: first into the spool, then into the store, then into the index,
 * then out of the spool. A segment is in at least one of them at every moment, whatever is killed.
 */
export class Archive {
  readonly #deps: ArchiveDeps;
  readonly #queue: Queued[] = [];
  #nextPlace = 0;
  /** The newest write of each channel: they are done one after the other, so that what closed first is queued first. */
  readonly #lastWrites = new Map<string, Promise<void>>();
  /** Init segments that were spooled, by their keys. */
  readonly #inits = new Map<string, Promise<void>>();
  readonly #writes = new Set<Promise<void>>();
  readonly #puts = new Set<Promise<void>>();
  /** Places of those. */
  readonly #underWay = new Set<number>();
  readonly #lossLog: ReturnType<typeof sparing>;
  readonly #indexLog: ReturnType<typeof sparing>;
  #unwrittenBytes = 0;
  #heldBytes = 0;
  #counts = { stored: 0, storedBytes: 0, failedPuts: 0, lost: 0 };
  /** Puts that failed since the last one that did not. */
  #failures = 0;
  #waiting: NodeJS.Timeout | null = null;
  #flushTimer: NodeJS.Timeout | null = null;
  #flushing: Promise<void> = Promise.resolve();
  /** Flushes that have not begun, by channel; '' for all. */
  readonly #wantedFlushes = new Map<string, Promise<void>>();
  readonly #startedMs: number;
  #warnedShare = 0;
  #isStopped = false;

  constructor(deps: ArchiveDeps) {
    this.#deps = deps;
    this.#startedMs = deps.clock.nowMs();
    this.#lossLog = sparing(deps.logger, LOG_EVERY_MS, () => deps.clock.nowMs());
    this.#indexLog = sparing(deps.logger, LOG_EVERY_MS, () => deps.clock.nowMs());
  }

  /** Begins with what an earlier process left in the spool. */
  async start(): Promise<void> {
    const { spool, index, logger } = this.#deps;
    const left = await spool.recover();
    for (const spooled of left) {
      if (spooled.kind === 'segment') index.add(spooled.channel, spooled.segment);
      this.#enqueue(spooled);
    }
    if (left.length > 0)
      logger.info({ count: left.length, sizeBytes: spool.sizeBytes }, 'spool taken up again');
    this.#next();
    this.#flushTimer = setInterval(() => void this.flush().catch(() => {}), this.#deps.flushMs);
    this.#flushTimer.unref();
  }

  /** What was counted since the start. */
  get counts(): ArchiveCounts {
    return this.#counts;
  }

  /** What waits for the store. */
  get pendingCount(): number {
    return this.#queue.length + this.#puts.size;
  }

  /** What the spool holds, in bytes. */
  get spoolBytes(): number {
    return this.#deps.spool.sizeBytes;
  }

  /** True while the store does not take what it is given. */
  get isStoreDown(): boolean {
    return this.#failures > 0;
  }

  /**
   * Takes a closed segment. Returns at once; whatever fails is tried again or said in the log.
   *
   * @param segment closed and no gap; borrowed
   */
  take(channel: string, rendition: string, segment: Segment): void {
    if (this.#isStopped) return;
    const sizeBytes = segment.parts.reduce((sum, part) => sum + part.bytes.length, 0);
    if (this.#unwrittenBytes + sizeBytes > MAX_UNWRITTEN_BYTES) {
      this.#lose(channel, rendition, segment.number, 'the local disk is too slow');
      return;
    }
    if (this.#deps.spool.sizeBytes + sizeBytes > this.#deps.maxSpoolBytes) {
      this.#lose(channel, rendition, segment.number, `the spool is full (${this.#deps.maxSpoolBytes} bytes)`);
      return;
    }
    this.#unwrittenBytes += sizeBytes;
    const before = this.#lastWrites.get(channel) ?? Promise.resolve();
    const write = before
      .then(() => this.#write(channel, rendition, segment))
      .catch((error: unknown) => this.#lose(channel, rendition, segment.number, describeError(error)))
      .finally(() => {
        this.#unwrittenBytes -= sizeBytes;
        this.#writes.delete(write);
        if (this.#lastWrites.get(channel) === write) this.#lastWrites.delete(channel);
      });
    this.#writes.add(write);
    this.#lastWrites.set(channel, write);
  }

  /**
   * Lists in the store what has got there, and takes it out of the spool.
   *
   * @param channel one channel only; all when it is left out
   * @throws {StoreError} when the store fails; it is tried again by itself
   */
  async flush(channel?: string): Promise<void> {
    const name = channel ?? '';
    const wanted = this.#wantedFlushes.get(name);
    // One that has not begun lists what is there by then: asking again asks for the same.
    if (wanted !== undefined) return wanted;
    const run = this.#flushing.then(() => {
      this.#wantedFlushes.delete(name);
      return this.#flush(channel);
    });
    this.#wantedFlushes.set(name, run);
    this.#flushing = run.catch(() => {});
    await run;
  }

  /** A class is over: lists what it was as soon as it is in the store, and does not wait for the next turn. */
  flushSoon(channel: string): void {
    const settled = Promise.all([...this.#writes, ...this.#puts]);
    settled.then(() => this.flush(channel)).catch(() => {});
  }

  /** Resolves when all that was taken is in the store and listed there; once it is stopped, also when a put has failed. */
  async settled(): Promise<void> {
    while (this.#writes.size > 0 || this.#queue.length > 0 || this.#puts.size > 0) {
      // Nothing is tried any more: what is left waits for the next start.
      if (this.#isStopped && this.#failures > 0 && this.#puts.size === 0) return;
      await Promise.all([...this.#writes, ...this.#puts]);
      if (this.#waiting !== null) await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS));
    }
    await this.flush();
  }

  /** Ends it; what is not in the store by then stays in the spool, for the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#flushTimer !== null) clearInterval(this.#flushTimer);
    await Promise.all(this.#writes);
    if (this.#failures === 0)
      await waitAtMost(
        FAREWELL_MS,
        this.settled().catch(() => {}),
      );
    if (this.#waiting !== null) clearTimeout(this.#waiting);
    this.#queue.length = 0;
  }

  async #write(channel: string, rendition: string, segment: Segment): Promise<void> {
    // Whoever waits for this segment is answered first.
    await new Promise((resolve) => setImmediate(resolve));
    const { spool, index } = this.#deps;
    const { init, number, parts } = segment;
    const bytes = Buffer.concat(parts.map((part) => part.bytes));
    const stored = describeSegment(rendition, number, bytes, init);
    const initId = initKey(channel, rendition, init.hash);
    // After a restart the window is made again: what was in the spool is on its way already.
    if (index.isLocal(channel, stored)) return;
    let header = this.#inits.get(initId);
    if (header === undefined) {
      if (this.#inits.size >= MAX_INITS) this.#inits.clear();
      header = this.#writeInit({ kind: 'init', channel, rendition, hash: init.hash }, init.bytes);
      this.#inits.set(initId, header);
      header.catch(() => this.#inits.delete(initId));
    }
    await header;
    const spooled: Spooled = { kind: 'segment', channel, segment: stored };
    await spool.write(spooled, bytes);
    index.add(channel, stored);
    this.#enqueue(spooled, bytes);
    this.#warnOfSpool();
    this.#next();
  }

  async #writeInit(header: Spooled, bytes: Buffer): Promise<void> {
    await this.#deps.spool.write(header, bytes);
    this.#enqueue(header);
  }

  /** @param bytes kept for the put as long as that is not much; else they are read from the disk again */
  #enqueue(spooled: Spooled, bytes: Buffer | null = null): void {
    const isKept = bytes !== null && this.#heldBytes + bytes.length <= MAX_HELD_BYTES;
    if (isKept) this.#heldBytes += bytes.length;
    this.#queue.push({ place: this.#nextPlace++, spooled, bytes: isKept ? bytes : null });
  }

  /** Back to its place: what closed first goes first, also after an outage. */
  #putBack(queued: Queued): void {
    const at = this.#queue.findIndex(({ place }) => place > queued.place);
    this.#queue.splice(at < 0 ? this.#queue.length : at, 0, queued);
  }

  #next(): void {
    if (this.#waiting !== null || (this.#isStopped && this.#failures > 0)) return;
    // While the store is down one is tried, and the others wait for it.
    const atOnce = this.#failures > 0 ? 1 : PUTS_AT_ONCE;
    while (this.#puts.size < atOnce) {
      const [queued] = this.#queue;
      if (queued === undefined || queued.place >= Math.min(...this.#underWay) + MAX_OUT_OF_ORDER) return;
      this.#queue.shift();
      this.#underWay.add(queued.place);
      this.#heldBytes -= queued.bytes?.length ?? 0;
      const put = this.#put(queued).then((result) => {
        this.#puts.delete(put);
        this.#underWay.delete(queued.place);
        // What has to wait waits on the disk.
        if (result === 'again') this.#putBack({ ...queued, bytes: null });
        if (result === 'later') this.#enqueue(queued.spooled);
        this.#next();
      });
      this.#puts.add(put);
    }
  }

  async #put({ spooled, bytes: held }: Queued): Promise<PutResult> {
    const { spool, store, index, logger } = this.#deps;
    try {
      const bytes = held ?? (await spool.read(spooled));
      const wrong = faultOf(spooled, bytes);
      if (bytes === null || wrong !== null) {
        await this.#giveUp(spooled, wrong ?? '');
        return 'done';
      }
      if (await this.#isKept(spooled)) {
        await this.#leave(spooled);
        return 'done';
      }
      await store.put(keyOf(spooled), bytes);
      if (this.#failures > 0) logger.info({ waiting: this.#queue.length }, 'the store takes segments again');
      this.#failures = 0;
      if (spooled.kind === 'init') {
        await spool.remove(spooled);
        return 'done';
      }
      index.stored(spooled.channel, spooled.segment);
      this.#counts = {
        ...this.#counts,
        stored: this.#counts.stored + 1,
        storedBytes: this.#counts.storedBytes + bytes.length,
      };
      return 'done';
    } catch (error) {
      this.#failed(error);
      // What this one object is refused for keeps no other waiting.
      return error instanceof StoreError && error.code !== 'store-unavailable' ? 'later' : 'again';
    }
  }

  /**
   * Whether the store has a segment already. An origin that is started again is sent the last half minute anew and cuts it
   * once more: what viewers and caches have seen stays as it was.
   */
  async #isKept(spooled: Spooled): Promise<boolean> {
    if (spooled.kind === 'init' || gridStartMsOf(spooled.segment) >= this.#startedMs) return false;
    return this.#deps.index.isListed(spooled.channel, spooled.segment);
  }

  async #giveUp(spooled: Spooled, why: string): Promise<void> {
    const { logger } = this.#deps;
    if (spooled.kind === 'segment') {
      const { channel, segment } = spooled;
      this.#lose(channel, segment.rendition, segment.number, why);
    } else {
      const { channel, rendition, hash } = spooled;
      this.#inits.delete(initKey(channel, rendition, hash));
      logger.error({ channel, rendition, hash }, `an init segment is lost: ${why}`);
    }
    await this.#leave(spooled);
  }

  /** Takes one out of the spool that is not brought to the store. */
  async #leave(spooled: Spooled): Promise<void> {
    if (spooled.kind === 'segment') this.#deps.index.forget(spooled.channel, spooled.segment);
    await this.#deps.spool.remove(spooled);
  }

  #failed(error: unknown): void {
    const { logger, spool } = this.#deps;
    this.#failures += 1;
    this.#counts = { ...this.#counts, failedPuts: this.#counts.failedPuts + 1 };
    const waitMs = Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.#failures - 1, 10));
    if (this.#failures === 1) {
      const fields = { spoolBytes: spool.sizeBytes };
      logger.error(
        fields,
        `the store does not take segments, they wait on the local disk: ${describeError(error)}`,
      );
    }
    if (this.#waiting !== null || this.#isStopped) return;
    this.#waiting = setTimeout(() => {
      this.#waiting = null;
      this.#next();
    }, waitMs);
    this.#waiting.unref();
  }

  async #flush(channel?: string): Promise<void> {
    const { index, spool } = this.#deps;
    const { flushed, failure } = await index.flush(channel);
    await Promise.all(flushed.map((listed) => spool.remove({ kind: 'segment', ...listed })));
    const share = spool.sizeBytes / this.#deps.maxSpoolBytes;
    if (share < this.#warnedShare / 2) this.#warnedShare = 0;
    if (failure === null) return;
    // While the store is down that has been said already.
    if (this.#failures === 0)
      this.#indexLog.error({}, `the index cannot be written: ${describeError(failure)}`);
    throw failure;
  }

  #warnOfSpool(): void {
    const { spool, logger, maxSpoolBytes } = this.#deps;
    const share = WARN_SHARES.findLast((candidate) => spool.sizeBytes >= candidate * maxSpoolBytes) ?? 0;
    if (share <= this.#warnedShare) return;
    this.#warnedShare = share;
    logger.warn(
      { spoolBytes: spool.sizeBytes, maxSpoolBytes },
      `the spool is ${Math.round(share * 100)} % full: bring the store back, or what is closed is lost`,
    );
  }

  #lose(channel: string, rendition: string, number: number, why: string): void {
    this.#counts = { ...this.#counts, lost: this.#counts.lost + 1 };
    this.#lossLog.error({ channel, rendition, number, lost: this.#counts.lost }, `a segment is lost: ${why}`);
  }
}

function keyOf(spooled: Spooled): string {
  if (spooled.kind === 'init') return initKey(spooled.channel, spooled.rendition, spooled.hash);
  return segmentKey(spooled.channel, gridStartMsOf(spooled.segment), spooled.segment);
}
