import { LRUCache } from 'lru-cache';
import { segmentStartMs } from '../../shared/grid.ts';
import { getIfThere, type ObjectStore } from '../../shared/object-store.ts';
import { parseInit } from '../packager/cmaf/init-segment.ts';
import type { TrackInit } from '../packager/media.ts';
import { gridStartMsOf, type StoredSegment } from '../packager/recording/stored-segment.ts';
import type { ArchiveIndex } from './archive-index.ts';
import { initKey, segmentKey } from './archive-keys.ts';
import { ByteCache } from './byte-cache.ts';
import type { Spool } from './spool.ts';
import { GRIDS, WatchedBlocks } from './watched-blocks.ts';

/** What the reader works with. */
export type ArchiveReaderDeps = {
  readonly store: ObjectStore;
  readonly spool: Spool;
  readonly index: ArchiveIndex;
  /** Size of the cache of segments, in bytes. */
  readonly cacheBytes: number;
  readonly nowMs: () => number;
};

/** Init segments in memory: how many, and their size in bytes; one has some 700. */
const MAX_INITS = 4096;
const MAX_INIT_BYTES = 16 * 2 ** 20;
/** Further reads of an object that has not the size that the index says. */
const WHOLE_TRIES = 2;

/** Reads segments and init segments of the archive: from the cache, the spool or the store. */
export class ArchiveReader {
  readonly #deps: ArchiveReaderDeps;
  readonly #cache: ByteCache;
  readonly #inits = new LRUCache<string, TrackInit>({
    ...{ max: MAX_INITS, maxSize: MAX_INIT_BYTES },
    sizeCalculation: ({ bytes }) => Math.max(1, bytes.length),
  });
  readonly #watched = new WatchedBlocks();

  constructor(deps: ArchiveReaderDeps) {
    this.#deps = deps;
    this.#cache = new ByteCache(deps.cacheBytes);
  }

  /** The cache, for `/metrics`. */
  get cache(): ByteCache {
    return this.#cache;
  }

  /**
   * The bytes of a segment; null when there is none of that number.
   *
   * @returns shared: read only
   * @throws {StoreError} `store-unavailable` (503)
   */
  async segment(channel: string, rendition: string, number: number): Promise<Buffer | null> {
    const bytes = await this.#cache.get(nameOf(channel, { rendition, number }), async () => {
      for (const gridUnits of GRIDS) {
        const gridStartMs = segmentStartMs(number, gridUnits);
        const found = await this.#deps.index.find(channel, rendition, number, gridStartMs);
        if (found !== null) return this.#read(channel, found);
      }
      return null;
    });
    if (bytes !== null) this.#noteWatched(channel, number);
    return bytes;
  }

  /**
   * The bytes of a segment that the index listed; null when they were erased meanwhile.
   *
   * @returns shared: read only
   * @throws {StoreError} `store-unavailable` (503)
   */
  async bytesOf(channel: string, segment: StoredSegment): Promise<Buffer | null> {
    // A download needs the next segments soon, as a viewer does.
    this.#noteWatched(channel, segment.number);
    return this.#cache.get(nameOf(channel, segment), () => this.#read(channel, segment));
  }

  /**
   * Whether a viewer requested segments of a block, or of the one before it, recently, and so may need the block soon.
   *
   * @param blockMs its beginning, UTC milliseconds
   */
  isWatched(channel: string, blockMs: number): boolean {
    return this.#watched.isWatched(channel, blockMs, this.#deps.nowMs());
  }

  /**
   * An init segment, parsed; null when there is none of that hash.
   *
   * @throws {StoreError} `store-unavailable` (503), {@link MediaError} `bad-cmaf` when its object is damaged
   */
  async init(channel: string, rendition: string, hash: string): Promise<TrackInit | null> {
    const key = initKey(channel, rendition, hash);
    const known = this.#inits.get(key);
    if (known !== undefined) return known;
    const spooled = await this.#deps.spool.read({ kind: 'init', channel, rendition, hash });
    const bytes = spooled ?? (await getIfThere(this.#deps.store, key));
    if (bytes === null) return null;
    const init = parseInit(bytes);
    this.cacheInit(channel, rendition, init);
    return init;
  }

  /**
   * The init segments of some segments; each is read once.
   *
   * @returns by `{rendition}/{hash}`, and whether all of them were found
   * @throws {StoreError} `store-unavailable` (503), {@link MediaError} `bad-cmaf` when an object is damaged
   */
  async initsOf(
    channel: string,
    segments: readonly StoredSegment[],
  ): Promise<{ readonly inits: ReadonlyMap<string, TrackInit>; readonly isWhole: boolean }> {
    const wanted = new Map(segments.map((segment) => [`${segment.rendition}/${segment.initHash}`, segment]));
    const inits = new Map<string, TrackInit>();
    for (const [key, { rendition, initHash }] of wanted) {
      const init = await this.init(channel, rendition, initHash);
      if (init !== null) inits.set(key, init);
    }
    return { inits, isWhole: inits.size === wanted.size };
  }

  /** Caches an init segment of a live channel, so that its start-over can be watched while the store is down. */
  cacheInit(channel: string, rendition: string, init: TrackInit): void {
    const key = initKey(channel, rendition, init.hash);
    if (!this.#inits.has(key)) this.#inits.set(key, init);
  }

  /** Removes an erased segment from the cache. */
  forget(channel: string, segment: StoredSegment): void {
    this.#cache.delete(nameOf(channel, segment));
  }

  #noteWatched(channel: string, number: number): void {
    this.#watched.note(channel, number, this.#deps.nowMs());
  }

  async #read(channel: string, segment: StoredSegment): Promise<Buffer | null> {
    const { spool, index, store } = this.#deps;
    const spooled = index.isLocal(channel, segment)
      ? await spool.read({ kind: 'segment', channel, segment })
      : null;
    if (spooled !== null) return spooled;
    const key = segmentKey(channel, gridStartMsOf(segment), segment);
    // What is cut short on its way is read again; what is the same each time is what the store has.
    for (let tries = WHOLE_TRIES, before = -1; ; tries -= 1) {
      const bytes = await getIfThere(store, key);
      const sizeBytes = bytes?.length ?? segment.sizeBytes;
      if (sizeBytes === segment.sizeBytes || sizeBytes === before || tries === 0) return bytes;
      before = sizeBytes;
    }
  }
}

function nameOf(channel: string, { rendition, number }: Pick<StoredSegment, 'rendition' | 'number'>): string {
  return `${channel}/${rendition}/${number}`;
}
