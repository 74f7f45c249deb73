import { SEGMENT_DURATION_MS } from '../../shared/grid.ts';
import { type ObjectStore, StoreError } from '../../shared/object-store.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import {
  endMsOf,
  gridStartMsOf,
  startMsOf,
  type StoredSegment,
} from '../packager/recording/stored-segment.ts';
import { indexKey } from './archive-keys.ts';
import { BlockStore } from './block-store.ts';
import { blockAt, blockOf, blocksBetween, inOrder, mergeSegments, segmentId } from './index-block.ts';
import { isWithin, type TimeRange } from './time-range.ts';
import { UnlistedSegments } from './unlisted-segments.ts';

/** A segment that the store's index lists now. */
export type Flushed = { readonly channel: string; readonly segment: StoredSegment };

/** Limits of an index in memory. */
export type IndexLimits = {
  /** Lines of cached blocks; some 200 bytes each. */
  readonly maxCachedLines: number;
};

/** A segment ends at most this long after its start on the grid: one of 2 D (passthrough) may last 3.3 D. Milliseconds. */
const LONGEST_MS = 4 * SEGMENT_DURATION_MS;
/** Blocks that are flushed at once. */
const BLOCKS_AT_ONCE = 8;
const LIMITS: IndexLimits = { maxCachedLines: 200_000 };

/**
 * Lists the segments of the archive: those in the store's index, and those that this process has closed and that the index does
 * not list yet.
 */
export class ArchiveIndex {
  readonly #blocks: BlockStore;
  readonly #unlisted = new UnlistedSegments();

  constructor(store: ObjectStore, nowMs: () => number, limits: IndexLimits = LIMITS) {
    this.#blocks = new BlockStore(store, nowMs, limits.maxCachedLines);
  }

  /** Adds a segment that was closed here and is in the spool. */
  add(channel: string, segment: StoredSegment): void {
    this.#unlisted.add(channel, segment);
  }

  /** Its bytes are in the store: the next {@link flush} lists it there. */
  markStored(channel: string, segment: StoredSegment): void {
    this.#unlisted.markStored(channel, segment);
  }

  /** A segment that was added is lost, or listed already. */
  forget(channel: string, segment: StoredSegment): void {
    this.#unlisted.remove(indexKey(channel, blockOf(segment)), [segment]);
  }

  /** True while a segment is in the spool: until the store has it and lists it. */
  isLocal(channel: string, segment: StoredSegment): boolean {
    return this.#unlisted.has(channel, segment);
  }

  /** Number of segments that the store does not list yet. */
  get unlistedCount(): number {
    return this.#unlisted.count;
  }

  /** Whether segments that begin in a range are not listed by the store yet. */
  hasUnlisted(channel: string, range: TimeRange): boolean {
    return blocksBetween(range.fromMs, range.toMs).some((blockMs) =>
      this.#unlisted.inBlock(indexKey(channel, blockMs)).some((one) => isWithin(gridStartMsOf(one), range)),
    );
  }

  /** Keys of the blocks with segments that the store does not list yet. */
  get unlistedBlocks(): ReadonlySet<string> {
    return this.#unlisted.blockKeys;
  }

  /**
   * Whether the store lists a segment of this rendition and number, whatever its bytes.
   *
   * @throws {StoreError} `store-unavailable` (503), {@link ArchiveError} `bad-index`
   */
  async isListed(channel: string, segment: StoredSegment): Promise<boolean> {
    const blockMs = blockOf(segment);
    const listed = await this.#blocks.get(indexKey(channel, blockMs), blockMs);
    return listed.some((other) => segmentId(other) === segmentId(segment));
  }

  /**
   * What the store lists in a block, without what is in the spool.
   *
   * @throws {StoreError} `store-unavailable` (503), {@link ArchiveError} `bad-index`
   */
  listed(channel: string, blockMs: number): Promise<StoredSegment[]> {
    return this.#blocks.read(indexKey(channel, blockMs));
  }

  /** Channels with stored segments that the store's index does not list yet. */
  channelsToFlush(): string[] {
    return this.#unlisted.storedChannels();
  }

  /**
   * Lists what is stored of a channel in the store's index. When a block fails, the others are still written; the next flush
   * tries it again.
   *
   * @returns what is listed now, and the first failure; null for none
   */
  async flush(
    channel: string,
  ): Promise<{ readonly flushed: readonly Flushed[]; readonly failure: Error | null }> {
    const flushed: Flushed[] = [];
    const failures: Error[] = [];
    await forEachBounded(this.#unlisted.stored(channel), BLOCKS_AT_ONCE, async (block) => {
      // While the store is down, the remaining blocks are not tried.
      if (failures.some(isUnavailable)) return;
      try {
        await this.#blocks.merge(block.key, block.segments);
        this.#unlisted.remove(block.key, block.segments);
        for (const segment of block.segments) flushed.push({ channel: block.channel, segment });
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        failures.push(error);
      }
    });
    return { flushed, failure: failures[0] ?? null };
  }

  /**
   * The segments that touch a range, of all renditions, in order of number and rendition.
   *
   * @param onPartial called when the store cannot be read, and the result is only what this process has in memory
   * @throws {StoreError} `store-unavailable` (503), {@link ArchiveError} `bad-index`
   */
  async between(
    channel: string,
    { fromMs, toMs }: TimeRange,
    onPartial: () => void = () => {},
  ): Promise<StoredSegment[]> {
    const found: StoredSegment[] = [];
    // A segment that began in the block before the range may end in it.
    for (const blockMs of blocksBetween(Math.max(0, fromMs - LONGEST_MS), toMs)) {
      for (const segment of await this.#block(channel, blockMs, onPartial)) {
        if (startMsOf(segment) < toMs && endMsOf(segment) > fromMs) found.push(segment);
      }
    }
    return found.toSorted(inOrder);
  }

  /**
   * One segment; null when there is none.
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
    const blockMs = blockAt(gridStartMs);
    const local = this.#unlisted.find(indexKey(channel, blockMs), rendition, number);
    if (local !== undefined) return local;
    const block = await this.#block(channel, blockMs, () => {});
    const found = block.find((segment) => segment.number === number && segment.rendition === rendition);
    return found !== undefined && gridStartMsOf(found) === gridStartMs ? found : null;
  }

  /**
   * Removes segments from a block; a block that is left empty is deleted.
   *
   * @returns the segments that were removed
   * @throws {StoreError} `store-unavailable` (503), {@link ArchiveError} `bad-index`
   */
  remove(
    channel: string,
    blockMs: number,
    isToGo: (segment: StoredSegment) => boolean,
  ): Promise<StoredSegment[]> {
    return this.#blocks.remove(indexKey(channel, blockMs), isToGo);
  }

  async #block(channel: string, blockMs: number, onPartial: () => void): Promise<readonly StoredSegment[]> {
    const key = indexKey(channel, blockMs);
    const listed = await this.#getOrStale(key, blockMs, onPartial);
    const local = this.#unlisted.inBlock(key);
    return local.length === 0 ? listed : mergeSegments(listed, local);
  }

  /** While the store is down, a class on air can still be watched from its start, from what this process has in memory. */
  async #getOrStale(key: string, blockMs: number, onPartial: () => void): Promise<readonly StoredSegment[]> {
    try {
      return await this.#blocks.get(key, blockMs);
    } catch (error) {
      const stale = this.#blocks.stale(key);
      if (stale === undefined && this.#unlisted.inBlock(key).length === 0) throw error;
      onPartial();
      return stale ?? [];
    }
  }
}

function isUnavailable(error: Error): boolean {
  return error instanceof StoreError && error.code === 'store-unavailable';
}
