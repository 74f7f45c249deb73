import { segmentStartMs } from '../../shared/grid.ts';
import { indexKey } from './archive-keys.ts';
import { BLOCK_MS, blockAt } from './index-block.ts';

/** The two grids: 1.6 s, and 3.2 s for passthrough. A segment number belongs to one of them only. */
export const GRIDS: readonly number[] = [1, 2];
/** A viewer at double speed behind a cache makes no request for a while. Milliseconds. */
const WATCHED_MS = 120_000;
const MAX_BLOCKS = 100_000;

/** Records recent requests for blocks, so that retention does not erase what a viewer needs next. Pure: time is passed in. */
export class WatchedBlocks {
  /** When blocks were last requested, by key; the one requested longest ago first. */
  readonly #requestedMs = new Map<string, number>();

  /** A segment was requested. Its number means one time on each grid: both count. */
  note(channel: string, number: number, nowMs: number): void {
    for (const gridUnits of GRIDS) {
      const key = indexKey(channel, blockAt(segmentStartMs(number, gridUnits)));
      this.#requestedMs.delete(key);
      this.#requestedMs.set(key, nowMs);
    }
    for (const [key, requestedMs] of this.#requestedMs) {
      if (requestedMs > nowMs - WATCHED_MS && this.#requestedMs.size <= MAX_BLOCKS) break;
      this.#requestedMs.delete(key);
    }
  }

  /**
   * Whether a viewer requested segments of a block, or of the one before it, recently, and so may need the block soon.
   *
   * @param blockMs its beginning, UTC milliseconds
   */
  isWatched(channel: string, blockMs: number, nowMs: number): boolean {
    return [blockMs, blockMs - BLOCK_MS].some(
      (at) => (this.#requestedMs.get(indexKey(channel, at)) ?? 0) > nowMs - WATCHED_MS,
    );
  }
}
