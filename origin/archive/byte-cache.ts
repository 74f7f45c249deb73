import { LRUCache } from 'lru-cache';
import { StoreError } from '../../shared/object-store.ts';

/** Reads at the same time: those of viewers who ask for what they will not wait for must not pile up without limit. */
export const MAX_READING = 4096;

/**
 * Bytes that were read from the store, by name: bounded in size, and read once however many callers ask at the same time.
 *
 * A failed read is not cached; the next caller reads again. Concurrent reads are joined here and not by the library's own
 * `fetch`, which takes five times as long for each miss.
 */
export class ByteCache {
  readonly #cache: LRUCache<string, Buffer>;
  readonly #reading = new Map<string, Promise<Buffer | null>>();
  #hits = 0;
  #reads = 0;

  /** @param maxBytes the size of the cache; a larger body is returned and not cached */
  constructor(maxBytes: number) {
    // An empty body counts as one byte: the library rejects a size of 0.
    this.#cache = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ length }) => Math.max(1, length) });
  }

  /** Requests for bytes that were cached or already being read, and reads. */
  get counts(): { readonly hits: number; readonly reads: number } {
    return { hits: this.#hits, reads: this.#reads };
  }

  /** Size of what is cached, in bytes. */
  get sizeBytes(): number {
    return this.#cache.calculatedSize;
  }

  /**
   * The bytes of a name.
   *
   * @param read called when they are not cached; null when there are none, which is not cached
   * @returns shared by all callers: read only
   * @throws what `read` throws; {StoreError} `store-unavailable` (503) when too many reads wait
   */
  async get(name: string, read: () => Promise<Buffer | null>): Promise<Buffer | null> {
    const known = this.#cache.get(name) ?? this.#reading.get(name);
    if (known !== undefined) {
      this.#hits += 1;
      return known;
    }
    if (this.#reading.size >= MAX_READING) {
      throw new StoreError(`${name}: ${MAX_READING} reads of the store wait already`, {
        ...{ code: 'store-unavailable', status: 503, retryAfterS: 2 },
      });
    }
    this.#reads += 1;
    const started = read();
    this.#reading.set(name, started);
    try {
      const bytes = await started;
      // It may have been deleted meanwhile: what was read before must not come back.
      if (bytes !== null && this.#reading.get(name) === started) this.#cache.set(name, bytes);
      return bytes;
    } finally {
      if (this.#reading.get(name) === started) this.#reading.delete(name);
    }
  }

  /** Removes a name. A read in progress still answers its callers, and is not cached; the next caller reads again. */
  delete(name: string): void {
    this.#cache.delete(name);
    this.#reading.delete(name);
  }
}
