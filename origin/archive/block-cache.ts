import { LRUCache } from 'lru-cache';
import type { StoredSegment } from '../packager/recording/stored-segment.ts';
import { BLOCK_MS } from './index-block.ts';

/** Lines that a block counts in addition to its own: an empty one takes memory too. */
const EMPTY_BLOCK_LINES = 4;
/** How long a block that may still grow, here or on another origin, counts as fresh; and an older one. Milliseconds. */
const GROWING_FRESH_MS = 2000;
const OLD_FRESH_MS = 300_000;
/** A block grows for this long after its end, milliseconds; later, only after an outage on another origin. */
const GROWS_MS = 120_000;

type CachedBlock = { readonly segments: readonly StoredSegment[]; readonly readMs: number };

/** Blocks of the index that were read or written recently. Pure: time is passed in. */
export class BlockCache {
  readonly #blocks: LRUCache<string, CachedBlock>;

  /** @param maxLines of all cached blocks; some 200 bytes each */
  constructor(maxLines: number) {
    this.#blocks = new LRUCache({
      maxSize: maxLines,
      sizeCalculation: ({ segments }) => segments.length + EMPTY_BLOCK_LINES,
    });
  }

  /** Adds a block as it is in the store now. */
  set(key: string, segments: readonly StoredSegment[], nowMs: number): void {
    this.#blocks.set(key, { segments, readMs: nowMs });
  }

  /** Removes a block. */
  delete(key: string): void {
    this.#blocks.delete(key);
  }

  /**
   * A block that is fresh, and need not be read again.
   *
   * @param blockMs its beginning, UTC milliseconds
   */
  fresh(key: string, blockMs: number, nowMs: number): readonly StoredSegment[] | undefined {
    const cached = this.#blocks.get(key);
    if (cached === undefined) return undefined;
    const freshMs = nowMs < blockMs + BLOCK_MS + GROWS_MS ? GROWING_FRESH_MS : OLD_FRESH_MS;
    // After the clock was set back, no block is fresh for longer.
    return nowMs - cached.readMs < freshMs && nowMs >= cached.readMs ? cached.segments : undefined;
  }

  /** A block of any age, for use while the store cannot be read. */
  stale(key: string): readonly StoredSegment[] | undefined {
    return this.#blocks.get(key)?.segments;
  }
}
