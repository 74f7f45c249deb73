import { getIfThere, type ObjectStore } from '../../shared/object-store.ts';
import { backgroundTurns } from '../../shared/background-turns.ts';
import { KeyedMutex } from '../../shared/keyed-mutex.ts';
import type { StoredSegment } from '../packager/recording/stored-segment.ts';
import { BlockCache } from './block-cache.ts';
import { formatBlock, mergeSegments, parseBlock } from './index-block.ts';

/**
 * The blocks of the index in the store. Every method but {@link stale} throws {StoreError} `store-unavailable` (503) and
 * {@link ArchiveError} `bad-index`.
 */
export class BlockStore {
  readonly #store: ObjectStore;
  readonly #nowMs: () => number;
  readonly #cache: BlockCache;
  /** Reads that may be shared. A change removes the read of its block, which would return the block as it was before. */
  readonly #reading = new Map<string, Promise<readonly StoredSegment[]>>();
  /** Changes of one block run one after the other. */
  readonly #changing = new KeyedMutex();

  /** @param maxCachedLines see {@link BlockCache} */
  constructor(store: ObjectStore, nowMs: () => number, maxCachedLines: number) {
    this.#store = store;
    this.#nowMs = nowMs;
    this.#cache = new BlockCache(maxCachedLines);
  }

  /** A block as it is in the store now; empty when there is none. */
  async read(key: string): Promise<StoredSegment[]> {
    const bytes = await getIfThere(this.#store, key);
    if (bytes === null) return [];
    // A thousand lines take some milliseconds, and many replays begin with many blocks.
    return backgroundTurns.run('start-over', () => parseBlock(bytes.toString('utf8'), key));
  }

  /**
   * A block, from the cache while it is fresh. It is read once however many callers ask at the same time.
   *
   * @param blockMs its beginning, UTC milliseconds
   */
  async get(key: string, blockMs: number): Promise<readonly StoredSegment[]> {
    const fresh = this.#cache.fresh(key, blockMs, this.#nowMs());
    if (fresh !== undefined) return fresh;
    const reading = this.#reading.get(key);
    if (reading !== undefined) return reading;
    const started = this.read(key);
    this.#reading.set(key, started);
    try {
      const segments = await started;
      if (this.#reading.get(key) === started) this.#cache.set(key, segments, this.#nowMs());
      return segments;
    } finally {
      if (this.#reading.get(key) === started) this.#reading.delete(key);
    }
  }

  /** A block as it was when it was last read or written; undefined when it is not cached. */
  stale(key: string): readonly StoredSegment[] | undefined {
    return this.#cache.stale(key);
  }

  /** Adds segments to a block. It is read first: another origin may have written it. */
  async merge(key: string, segments: readonly StoredSegment[]): Promise<void> {
    await this.#changing.run(key, async () => {
      const known = await this.read(key);
      const merged = mergeSegments(known, segments);
      if (merged.length > known.length) await this.#put(key, merged);
      this.#reading.delete(key);
      this.#cache.set(key, merged, this.#nowMs());
    });
  }

  /**
   * Removes segments from a block; a block that is left empty is deleted.
   *
   * @returns what was removed
   */
  async remove(key: string, isToGo: (segment: StoredSegment) => boolean): Promise<StoredSegment[]> {
    const gone: StoredSegment[] = [];
    await this.#changing.run(key, async () => {
      const left: StoredSegment[] = [];
      for (const segment of await this.read(key)) (isToGo(segment) ? gone : left).push(segment);
      if (gone.length === 0) return;
      if (left.length > 0) await this.#put(key, left);
      else await this.#store.delete([key]);
      this.#reading.delete(key);
      this.#cache.delete(key);
    });
    return gone;
  }

  async #put(key: string, segments: readonly StoredSegment[]): Promise<void> {
    await this.#store.put(key, Buffer.from(formatBlock(segments), 'utf8'));
  }
}
