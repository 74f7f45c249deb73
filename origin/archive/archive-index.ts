import { SEGMENT_DURATION_MS } from '../../shared/grid.ts';
import { getIfThere, type ObjectStore, StoreError } from '../../shared/object-store.ts';
import { KeyedMutex } from '../../shared/keyed-mutex.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import { indexKey } from './archive-keys.ts';
import {
  BLOCK_MS,
  blockAt,
  blockOf,
  blocksBetween,
  formatBlock,
  inOrder,
  mergeSegments,
  parseBlock,
  segmentId,
} from './index-block.ts';
import {
  endMsOf,
  gridStartMsOf,
  startMsOf,
  type StoredSegment,
} from '../packager/recording/stored-segment.ts';

/** A segment whose line stands in the store's index now. */
export type Flushed = { readonly channel: string; readonly segment: StoredSegment };

/** Which segments of a channel to look for. */
export type TimeRange = {
  /** UTC milliseconds. */
  readonly fromMs: number;
  /** UTC milliseconds; not in it any more. */
  readonly toMs: number;
};

/** Bounds of an index in memory. */
export type IndexLimits = {
  /** Lines of blocks that were read and are kept; some 200 bytes each. */
  readonly keptLines: number;
};

/** No segment ends later after its place on the grid: two D, and half of them late, on passthrough channels. Milliseconds. */
const LONGEST_MS = 4 * SEGMENT_DURATION_MS;
/** What a block counts beside its lines: one that is empty is remembered too, and must not be for nothing. */
const EMPTY_BLOCK_LINES = 4;

/** Blocks that are listed at once. */
const BLOCKS_AT_ONCE = 8;

const LIMITS: IndexLimits = { keptLines: 200_000 };
/** A block that may still grow, here or on another origin, is believed for so long; an old one for longer. Milliseconds. */
const GROWING_KEPT_MS = 2000;
const OLD_KEPT_MS = 300_000;
/** A block that ended so long ago grows no more, but for what an outage held back on another origin. Milliseconds. */
const GROWS_MS = 120_000;

type LocalEntry = { readonly segment: StoredSegment; isStored: boolean };
type LocalBlock = {
  readonly channel: string;
  readonly blockMs: number;
  readonly entries: Map<string, LocalEntry>;
};
type KeptBlock = { readonly segments: readonly StoredSegment[]; readonly readMs: number };

/**
 * Which segments there are. Blocks of some minutes lie in the store; what this process has closed and the store does not
 * list yet is known here. Memory is bounded by what waits and by the blocks that are kept.
 */
export class ArchiveIndex {
  readonly #store: ObjectStore;
  readonly #nowMs: () => number;
  readonly #limits: IndexLimits;
  readonly #local = new Map<string, LocalBlock>();
  readonly #kept = new Map<string, KeptBlock>();
  readonly #reading = new Map<string, Promise<readonly StoredSegment[]>>();
  #keptLines = 0;
  /** A block is read, changed and put by one at a time. */
  readonly #changing = new KeyedMutex();

  constructor(store: ObjectStore, nowMs: () => number, limits: IndexLimits = LIMITS) {
    this.#store = store;
    this.#nowMs = nowMs;
    this.#limits = limits;
  }

  /** Makes a segment known that was closed here; its bytes are on the local disk. */
  add(channel: string, segment: StoredSegment): void {
    const blockMs = blockOf(segment);
    const key = indexKey(channel, blockMs);
    let block = this.#local.get(key);
    if (block === undefined) {
      block = { channel, blockMs, entries: new Map() };
      this.#local.set(key, block);
    }
    const id = segmentId(segment);
    if (!block.entries.has(id)) block.entries.set(id, { segment, isStored: false });
  }

  /** Its bytes are in the store: the next {@link flush} lists it there. */
  stored(channel: string, segment: StoredSegment): void {
    const entry = this.#local.get(indexKey(channel, blockOf(segment)))?.entries.get(segmentId(segment));
    if (entry !== undefined) entry.isStored = true;
  }

  /** It was not kept after all. */
  forget(channel: string, segment: StoredSegment): void {
    const key = indexKey(channel, blockOf(segment));
    const block = this.#local.get(key);
    block?.entries.delete(segmentId(segment));
    if (block?.entries.size === 0) this.#local.delete(key);
  }

  /**
   * Whether the store lists a segment of this number already, whatever its bytes.
   *
   * @throws {StoreError} `store-unavailable` (503), {@link ArchiveError} `bad-index`
   */
  async isListed(channel: string, segment: StoredSegment): Promise<boolean> {
    const blockMs = blockOf(segment);
    const listed =
      this.#fresh(indexKey(channel, blockMs), blockMs) ?? (await this.#readOnce(indexKey(channel, blockMs)));
    return listed.some(
      ({ rendition, number }) => rendition === segment.rendition && number === segment.number,
    );
  }

  /** True while a segment is in the spool: until the store has it and lists it. */
  isLocal(channel: string, segment: StoredSegment): boolean {
    return this.#local.get(indexKey(channel, blockOf(segment)))?.entries.has(segmentId(segment)) === true;
  }

  /** Segments that the store does not list yet. */
  get unlistedCount(): number {
    let count = 0;
    for (const { entries } of this.#local.values()) count += entries.size;
    return count;
  }

  /** Keys of the blocks that the store does not list whole yet. */
  get unlistedBlocks(): ReadonlySet<string> {
    return new Set(this.#local.keys());
  }

  /**
   * What the store lists in a block, without what waits here.
   *
   * @throws {StoreError} `store-unavailable` (503), {@link ArchiveError} `bad-index`
   */
  listed(channel: string, blockMs: number): Promise<StoredSegment[]> {
    return this.#read(indexKey(channel, blockMs));
  }

  /**
   * Lists in the store what has got there. Each block is read, merged and put whole, so that two origins that write the
   * same channel both end in it. A block that fails keeps no other from being written, and is tried again the next time.
   *
   * @param channel one channel only; all when it is left out
   * @returns what is listed now, and the first failure; null for none
   */
  async flush(
    channel?: string,
  ): Promise<{ readonly flushed: readonly Flushed[]; readonly failure: Error | null }> {
    const flushed: Flushed[] = [];
    // The compiler does not see that the function below sets it.
    let failure = null as Error | null;
    const blocks = [...this.#local].filter(([, block]) => channel === undefined || block.channel === channel);
    await forEachBounded(blocks, BLOCKS_AT_ONCE, async ([key, block]) => {
      // A store that is away is not asked a thousand times more.
      if (failure instanceof StoreError && failure.code === 'store-unavailable') return;
      try {
        for (const segment of await this.#list(key, block)) flushed.push({ channel: block.channel, segment });
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        failure ??= error;
      }
    });
    return { flushed, failure };
  }

  async #list(key: string, block: LocalBlock): Promise<StoredSegment[]> {
    const stored = [...block.entries.values()]
      .filter(({ isStored }) => isStored)
      .map(({ segment }) => segment);
    if (stored.length === 0) return [];
    await this.#changing.run(key, async () => {
      const known = await this.#read(key);
      const merged = mergeSegments(known, stored);
      if (merged.length > known.length) await this.#store.put(key, Buffer.from(formatBlock(merged), 'utf8'));
      this.#reading.delete(key);
      this.#keep(key, merged);
    });
    for (const segment of stored) block.entries.delete(segmentId(segment));
    if (block.entries.size === 0) this.#local.delete(key);
    return stored;
  }

  /**
   * The segments that touch a range, of all renditions, in order of number and rendition.
   *
   * @param onPartial called where the store was not to be asked, and there is only what is known here
   * @throws {StoreError} `store-unavailable` (503), {@link ArchiveError} `bad-index`
   */
  async between(
    channel: string,
    { fromMs, toMs }: TimeRange,
    onPartial: () => void = () => {},
  ): Promise<StoredSegment[]> {
    const found: StoredSegment[] = [];
    // A segment that began in the block before may still last.
    for (const blockMs of blocksBetween(Math.max(0, fromMs - LONGEST_MS), toMs)) {
      for (const segment of await this.#block(channel, blockMs, onPartial)) {
        if (startMsOf(segment) < toMs && endMsOf(segment) > fromMs) found.push(segment);
      }
    }
    return found.toSorted(inOrder);
  }

  /**
   * One segment; null where there is none.
   *
   * @param gridStartMs where its number lies on the grid, UTC milliseconds
   * @throws {StoreError} `store-unavailable` (503), {@link ArchiveError} `bad-index`
   */
  async find(
    channel: string,
    rendition: string,
    number: number,
    gridStartMs: number,
  ): Promise<StoredSegment | null> {
    const key = indexKey(channel, blockAt(gridStartMs));
    const local = this.#local.get(key)?.entries.get(`${rendition}/${number}`);
    if (local !== undefined) return local.segment;
    const block = await this.#block(channel, blockAt(gridStartMs));
    const found = block.find((segment) => segment.number === number && segment.rendition === rendition);
    return found !== undefined && gridStartMsOf(found) === gridStartMs ? found : null;
  }

  /**
   * Takes segments out of a block; a block that is left empty is deleted.
   *
   * @returns what was taken out: nothing lists it any more
   * @throws {StoreError} `store-unavailable` (503), {@link ArchiveError} `bad-index`
   */
  async remove(
    channel: string,
    blockMs: number,
    isToGo: (segment: StoredSegment) => boolean,
  ): Promise<StoredSegment[]> {
    const key = indexKey(channel, blockMs);
    const gone: StoredSegment[] = [];
    await this.#changing.run(key, async () => {
      const left: StoredSegment[] = [];
      for (const segment of await this.#read(key)) (isToGo(segment) ? gone : left).push(segment);
      if (gone.length === 0) return;
      if (left.length > 0) await this.#store.put(key, Buffer.from(formatBlock(left), 'utf8'));
      else await this.#store.delete([key]);
      this.#reading.delete(key);
      this.#drop(key);
    });
    return gone;
  }

  async #block(
    channel: string,
    blockMs: number,
    onPartial: () => void = () => {},
  ): Promise<readonly StoredSegment[]> {
    const key = indexKey(channel, blockMs);
    const stored = this.#fresh(key, blockMs) ?? (await this.#readOrStale(key, onPartial));
    const local = this.#local.get(key);
    if (local === undefined) return stored;
    return mergeSegments(
      stored,
      [...local.entries.values()].map(({ segment }) => segment),
    );
  }

  /** What was read or written so lately that it is believed; undefined where it has to be read. */
  #fresh(key: string, blockMs: number): readonly StoredSegment[] | undefined {
    const kept = this.#kept.get(key);
    const nowMs = this.#nowMs();
    const keptMs = nowMs < blockMs + BLOCK_MS + GROWS_MS ? GROWING_KEPT_MS : OLD_KEPT_MS;
    const isFresh = kept !== undefined && nowMs - kept.readMs < keptMs && nowMs >= kept.readMs;
    return isFresh ? kept.segments : undefined;
  }

  /** While the store is down, a class on air can still be watched from its start: by what is known here. */
  async #readOrStale(key: string, onPartial: () => void): Promise<readonly StoredSegment[]> {
    try {
      return await this.#readOnce(key);
    } catch (error) {
      const stale = this.#kept.get(key)?.segments;
      if (stale === undefined && !this.#local.has(key)) throw error;
      onPartial();
      return stale ?? [];
    }
  }

  /** However many ask for a block, it is read once. */
  async #readOnce(key: string): Promise<readonly StoredSegment[]> {
    const reading = this.#reading.get(key);
    if (reading !== undefined) return reading;
    const started = this.#read(key);
    this.#reading.set(key, started);
    try {
      const segments = await started;
      // A block that was changed meanwhile is newer than this.
      if (this.#reading.get(key) === started) this.#keep(key, segments);
      return segments;
    } finally {
      if (this.#reading.get(key) === started) this.#reading.delete(key);
    }
  }

  async #read(key: string): Promise<StoredSegment[]> {
    const bytes = await getIfThere(this.#store, key);
    return bytes === null ? [] : parseBlock(bytes.toString('utf8'), key);
  }

  #keep(key: string, segments: readonly StoredSegment[]): void {
    this.#drop(key);
    this.#keptLines += segments.length + EMPTY_BLOCK_LINES;
    this.#kept.set(key, { segments, readMs: this.#nowMs() });
    for (const oldest of this.#kept.keys()) {
      if (this.#keptLines <= this.#limits.keptLines || oldest === key) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const block = this.#kept.get(key);
    if (block === undefined) return;
    this.#kept.delete(key);
    this.#keptLines -= block.segments.length + EMPTY_BLOCK_LINES;
  }
}
