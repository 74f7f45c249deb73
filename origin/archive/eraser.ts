import type { ObjectStore } from '../../shared/object-store.ts';
import type { ArchiveIndex, TimeRange } from './archive-index.ts';
import type { ArchiveReader } from './archive-reader.ts';
import { indexKey, segmentKey } from './archive-keys.ts';
import { blocksBetween, segmentId } from './index-block.ts';
import { gridStartMsOf, type StoredSegment } from '../packager/recording/stored-segment.ts';

/** What the eraser works with. */
export type EraserDeps = {
  readonly store: ObjectStore;
  readonly index: ArchiveIndex;
  readonly reader: ArchiveReader;
};

/** What was erased. */
export type Erased = { readonly segments: number; readonly sizeBytes: number };

/**
 * Erases segments of a channel: first their objects, then their lines in the index. What is interrupted in between is still
 * listed, so whoever erases it again finds all that is left of it; nothing stays in the store that nothing names.
 */
export class Eraser {
  readonly #deps: EraserDeps;

  constructor(deps: EraserDeps) {
    this.#deps = deps;
  }

  /** Tells whether somebody watches in a range, so that they need it within the next minute. */
  isWatched(channel: string, { fromMs, toMs }: TimeRange): boolean {
    return blocksBetween(fromMs, toMs).some((blockMs) => this.#deps.reader.isWatched(channel, blockMs));
  }

  /** Blocks of which something still waits for the store: erased before it is listed, it would be there again after. */
  pendingBlocks(): ReadonlySet<string> {
    return this.#deps.index.unlistedBlocks;
  }

  /** Tells whether some of a range lies in blocks, see {@link waiting}. */
  touches(channel: string, { fromMs, toMs }: TimeRange, blocks: ReadonlySet<string>): boolean {
    return blocksBetween(fromMs, toMs).some((blockMs) => blocks.has(indexKey(channel, blockMs)));
  }

  /**
   * Erases what lies in a range, and in none of those that are kept.
   *
   * @throws {StoreError} `store-unavailable` (503): some of it is gone then, and all of it is still listed, to be erased
   *   the next time
   */
  async erase(channel: string, range: TimeRange, kept: readonly TimeRange[]): Promise<Erased> {
    const { index, store, reader } = this.#deps;
    let segments = 0;
    let sizeBytes = 0;
    for (const blockMs of blocksBetween(range.fromMs, range.toMs)) {
      const gone = (await index.listed(channel, blockMs)).filter((segment) => {
        const startMs = gridStartMsOf(segment);
        return isIn(startMs, range) && !kept.some((keep) => isIn(startMs, keep));
      });
      if (gone.length === 0) continue;
      await store.delete(gone.map((segment) => keyOf(channel, segment)));
      // What was listed meanwhile is not gone.
      const ids = new Set(gone.map(segmentId));
      await index.remove(channel, blockMs, (segment) => ids.has(segmentId(segment)));
      segments += gone.length;
      for (const segment of gone) {
        sizeBytes += segment.sizeBytes;
        reader.forget(channel, segment);
      }
    }
    return { segments, sizeBytes };
  }
}

function isIn(timeMs: number, { fromMs, toMs }: TimeRange): boolean {
  return timeMs >= fromMs && timeMs < toMs;
}

function keyOf(channel: string, segment: StoredSegment): string {
  return segmentKey(channel, gridStartMsOf(segment), segment);
}
