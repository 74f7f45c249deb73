import { type ObjectStore, StoreError } from '../../shared/object-store.ts';
import { gridStartMsOf, type StoredSegment } from '../packager/recording/stored-segment.ts';
import type { Archive } from './archive.ts';
import type { ArchiveIndex } from './archive-index.ts';
import { indexKey, segmentKey } from './archive-keys.ts';
import type { ArchiveReader } from './archive-reader.ts';
import { blocksBetween, segmentId } from './index-block.ts';
import { isWithin, type TimeRange } from './time-range.ts';

/** What the eraser works with. */
export type EraserDeps = {
  readonly store: ObjectStore;
  readonly index: ArchiveIndex;
  readonly reader: ArchiveReader;
  readonly archive: Pick<Archive, 'discardUnstored'>;
};

/** What was erased. */
export type Erased = { readonly segments: number; readonly sizeBytes: number };

/**
 * Erases segments of a channel: first their objects, then their lines in the index. After an interruption the rest is still
 * listed, so the next run finds it; the store never holds an object that no index names.
 */
export class Eraser {
  readonly #deps: EraserDeps;

  constructor(deps: EraserDeps) {
    this.#deps = deps;
  }

  /** Whether a viewer is watching part of a range, and may need it within the next minute. */
  isWatched(channel: string, { fromMs, toMs }: TimeRange): boolean {
    return blocksBetween(fromMs, toMs).some((blockMs) => this.#deps.reader.isWatched(channel, blockMs));
  }

  /** Keys of blocks with segments that the store does not list yet. */
  pendingBlocks(): ReadonlySet<string> {
    return this.#deps.index.unlistedBlocks;
  }

  /** Whether part of a range lies in some blocks. @param blocks keys, see {@link pendingBlocks} */
  touches(channel: string, { fromMs, toMs }: TimeRange, blocks: ReadonlySet<string>): boolean {
    return blocksBetween(fromMs, toMs).some((blockMs) => blocks.has(indexKey(channel, blockMs)));
  }

  /** Whether segments of a range are in the spool, or not listed by the store: erased now, those would be listed afterwards. */
  isPending(channel: string, range: TimeRange): boolean {
    return this.#deps.index.hasUnlisted(channel, range);
  }

  /** Takes segments of a range out of the spool that are neither in the store nor on their way to it. */
  discardUnstored(channel: string, range: TimeRange, protectedRanges: readonly TimeRange[]): Promise<void> {
    return this.#deps.archive.discardUnstored(channel, (segment) => isToGo(segment, range, protectedRanges));
  }

  /**
   * Erases what lies in a range and in none of the protected ones. A block that the store refuses to erase does not hold up the
   * others.
   *
   * @throws {StoreError} `store-unavailable` (503), or a refusal: some of it is erased, and the rest is still listed for the next run
   */
  async erase(channel: string, range: TimeRange, protectedRanges: readonly TimeRange[]): Promise<Erased> {
    const { index, store, reader } = this.#deps;
    let segments = 0;
    let sizeBytes = 0;
    let failure: Error | undefined;
    for (const blockMs of blocksBetween(range.fromMs, range.toMs)) {
      try {
        const listed = await index.listed(channel, blockMs);
        const gone = listed.filter((segment) => isToGo(segment, range, protectedRanges));
        if (gone.length === 0) continue;
        await store.delete(gone.map((segment) => keyOf(channel, segment)));
        // Another origin may have listed more since: only what was deleted is removed.
        const ids = new Set(gone.map(segmentId));
        await index.remove(channel, blockMs, (segment) => ids.has(segmentId(segment)));
        segments += gone.length;
        for (const segment of gone) {
          sizeBytes += segment.sizeBytes;
          reader.forget(channel, segment);
        }
      } catch (error) {
        if (error instanceof StoreError && error.code === 'store-unavailable') throw error;
        failure ??= error instanceof Error ? error : new Error(String(error));
      }
    }
    if (failure !== undefined) throw failure;
    return { segments, sizeBytes };
  }
}

function isToGo(segment: StoredSegment, range: TimeRange, protectedRanges: readonly TimeRange[]): boolean {
  const startMs = gridStartMsOf(segment);
  return isWithin(startMs, range) && !protectedRanges.some((other) => isWithin(startMs, other));
}

function keyOf(channel: string, segment: StoredSegment): string {
  return segmentKey(channel, gridStartMsOf(segment), segment);
}
