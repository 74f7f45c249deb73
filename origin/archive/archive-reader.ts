import { segmentStartMs } from '../../shared/grid.ts';
import { getIfThere, type ObjectStore } from '../../shared/object-store.ts';
import { parseInit } from '../packager/cmaf/init-segment.ts';
import type { TrackInit } from '../packager/media.ts';
import type { ArchiveIndex } from './archive-index.ts';
import { indexKey, initKey, segmentKey } from './archive-keys.ts';
import { ByteCache } from './byte-cache.ts';
import { BLOCK_MS, blockAt } from './index-block.ts';
import type { Spool } from './spool.ts';
import { gridStartMsOf, type StoredSegment } from '../packager/recording/stored-segment.ts';

/** What the reader works with. */
export type ArchiveReaderDeps = {
  readonly store: ObjectStore;
  readonly spool: Spool;
  readonly index: ArchiveIndex;
  /** What may be kept of what was read, in bytes. */
  readonly cacheBytes: number;
  readonly nowMs: () => number;
};

/** The grids that there are: 1.6 s, and 3.2 s for passthrough. A number belongs to one of them only. */
const GRIDS = [1, 2];
const MAX_INITS = 4096;
/** Who watches at double speed through a cache asks for nothing for a while. Milliseconds. */
const IN_USE_MS = 120_000;
const MAX_WATCHED = 100_000;

/** Reads what was on air, from wherever it is by now: the spool, the cache or the store. */
export class ArchiveReader {
  readonly #deps: ArchiveReaderDeps;
  readonly #cache: ByteCache;
  readonly #inits = new Map<string, TrackInit>();
  /** When blocks were last watched, by their keys; the one watched longest ago first. */
  readonly #watched = new Map<string, number>();

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
   * @returns shared: not to be written to
   * @throws {StoreError} `store-unavailable` (503)
   */
  async segment(channel: string, rendition: string, number: number): Promise<Buffer | null> {
    const bytes = await this.#cache.get(`${channel}/${rendition}/${number}`, async () => {
      for (const gridUnits of GRIDS) {
        const gridStartMs = segmentStartMs(number, gridUnits);
        const found = await this.#deps.index.find(channel, rendition, number, gridStartMs);
        if (found !== null) return this.#read(channel, found);
      }
      return null;
    });
    if (bytes !== null) this.#note(channel, number);
    return bytes;
  }

  /**
   * Tells whether somebody watched a block, or the one before it, so lately that they need it soon.
   *
   * @param blockMs its beginning, UTC milliseconds
   */
  isWatched(channel: string, blockMs: number): boolean {
    const sinceMs = this.#deps.nowMs() - IN_USE_MS;
    return [blockMs, blockMs - BLOCK_MS].some(
      (at) => (this.#watched.get(indexKey(channel, at)) ?? 0) > sinceMs,
    );
  }

  /** A number stands for one of two times: both are taken for watched. */
  #note(channel: string, number: number): void {
    const nowMs = this.#deps.nowMs();
    for (const gridUnits of GRIDS) {
      const key = indexKey(channel, blockAt(segmentStartMs(number, gridUnits)));
      this.#watched.delete(key);
      this.#watched.set(key, nowMs);
    }
    for (const [key, watchedMs] of this.#watched) {
      if (watchedMs > nowMs - IN_USE_MS && this.#watched.size <= MAX_WATCHED) break;
      this.#watched.delete(key);
    }
  }

  /**
   * The bytes of a segment that the index named; null when they are gone all the same.
   *
   * @throws {StoreError} `store-unavailable` (503)
   */
  async bytesOf(channel: string, segment: StoredSegment): Promise<Buffer | null> {
    const name = `${channel}/${segment.rendition}/${segment.number}`;
    // Whoever downloads needs what comes behind it, as whoever watches does.
    this.#note(channel, segment.number);
    return this.#cache.get(name, () => this.#read(channel, segment));
  }

  /**
   * An init segment, read; null when there is none of that hash.
   *
   * @throws {StoreError} `store-unavailable` (503), {@link CmafError} `bad-cmaf` when its object is damaged
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
   * The init segments of some segments; each is asked for once.
   *
   * @returns by `{rendition}/{hash}`, and whether all of them were there
   * @throws {StoreError} `store-unavailable` (503), {@link CmafError} `bad-cmaf` when an object is damaged
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

  /** Keeps an init segment that is known here, so that a class on air needs no store to be watched from its start. */
  cacheInit(channel: string, rendition: string, init: TrackInit): void {
    const key = initKey(channel, rendition, init.hash);
    if (this.#inits.has(key)) return;
    if (this.#inits.size >= MAX_INITS) this.#inits.clear();
    this.#inits.set(key, init);
  }

  /** Lets go of a segment that was erased. */
  forget(channel: string, { rendition, number }: StoredSegment): void {
    this.#cache.forget(`${channel}/${rendition}/${number}`);
  }

  async #read(channel: string, segment: StoredSegment): Promise<Buffer | null> {
    const { spool, index, store } = this.#deps;
    const spooled = index.isLocal(channel, segment)
      ? await spool.read({ kind: 'segment', channel, segment })
      : null;
    return spooled ?? (await getIfThere(store, segmentKey(channel, gridStartMsOf(segment), segment)));
  }
}
