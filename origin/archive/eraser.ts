import type { ObjectStore } from '../../shared/object-store.ts';
import type { ArchiveIndex, TimeRange } from './archive-index.ts';
import type { ArchiveReader } from './archive-reader.ts';
import { segmentKey } from './archive-keys.ts';
import { blocksBetween } from './index-block.ts';
import { gridStartMsOf, type StoredSegment } from '../packager/stored-segment.ts';

/** What the eraser works with. */
export type EraserDeps = {
  readonly store: ObjectStore;
  readonly index: ArchiveIndex;
  readonly reader: ArchiveReader;
};

/** What was erased. */
export type Erased = { readonly segments: number; readonly sizeBytes: number };

/**
 * Erases segments of a channel: first from the index, then from the store, so that nothing that is listed is missing.
 */
export class Eraser {
  readonly #deps: EraserDeps;

  constructor(deps: EraserDeps) {
    this.#deps = deps;
  }

  /** Tells whether somebody watches in a range, so that they need it within the next minute. */
  isInUse(channel: string, { fromMs, toMs }: TimeRange): boolean {
    return blocksBetween(fromMs, toMs).some((blockMs) => this.#deps.reader.isInUse(channel, blockMs));
  }

  /**
   * Erases what lies in a range, and in none of those that are kept.
   *
   * @throws {StoreError} `store-unavailable` (503): some of it is gone then, and the rest is erased the next time
   */
  async erase(channel: string, range: TimeRange, kept: readonly TimeRange[]): Promise<Erased> {
    let segments = 0;
    let sizeBytes = 0;
    for (const blockMs of blocksBetween(range.fromMs, range.toMs)) {
      const gone = await this.#deps.index.remove(channel, blockMs, (segment) => {
        const startMs = gridStartMsOf(segment);
        return isIn(startMs, range) && !kept.some((keep) => isIn(startMs, keep));
      });
      await this.#deps.store.delete(gone.map((segment) => keyOf(channel, segment)));
      segments += gone.length;
      for (const segment of gone) {
        sizeBytes += segment.sizeBytes;
        this.#deps.reader.forget(channel, segment);
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
