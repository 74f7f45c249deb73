import type { Erased } from './eraser.ts';
import { BLOCK_MS, blockAt } from './index-block.ts';
import type { TimeRange } from './time-range.ts';

/** The retention rule of a channel: age and size. */
export type RetentionRule = {
  /** Milliseconds; null for ever. */
  readonly maxAgeMs: number | null;
  /** Bytes of a channel's media, protected media among them; null for no limit. */
  readonly maxBytes: number | null;
};

/** A block of a channel's index, with the size of its media. */
export type RetainedBlock = {
  /** Its beginning, UTC milliseconds. */
  readonly blockMs: number;
  /** Size of its segments, in bytes; 0 when the rule has no limit of size. */
  readonly mediaBytes: number;
};

/** Blocks of one channel that one run erases, so that no channel delays the others: some seven hours. */
export const MAX_BLOCKS_PER_RUN = 64;

/**
 * Decides which blocks of a channel are erased: those that are too old, then the oldest ones while the channel is too large.
 * Pure: time is passed in, and nothing is erased here.
 *
 * A watched or failing block is skipped; a later run erases it, and no younger one is erased in its place.
 */
export class RetentionPlan {
  readonly #blocks: readonly RetainedBlock[];
  readonly #maxAgeMs: number | null;
  /** Blocks that end before this time are too old, UTC milliseconds. */
  readonly #tooOldMs: number;
  #excessBytes: number;
  #position = 0;
  #erasedCount = 0;
  #isAnySkipped = false;
  #erasedBeforeMs: number;
  #isMore = false;

  /**
   * @param blocks of the channel, in any order
   * @param nowMs UTC milliseconds
   */
  constructor(blocks: readonly RetainedBlock[], { maxAgeMs, maxBytes }: RetentionRule, nowMs: number) {
    this.#blocks = blocks.toSorted((a, b) => a.blockMs - b.blockMs);
    this.#maxAgeMs = maxAgeMs;
    this.#tooOldMs = maxAgeMs === null ? Number.NEGATIVE_INFINITY : nowMs - maxAgeMs;
    const sizeBytes = blocks.reduce((sum, { mediaBytes }) => sum + mediaBytes, 0);
    this.#excessBytes = maxBytes === null ? 0 : sizeBytes - maxBytes;
    this.#erasedBeforeMs = maxAgeMs === null ? 0 : blockAt(this.#tooOldMs);
  }

  /** Whether there is nothing to erase, regardless of protection. */
  get isEmpty(): boolean {
    const [oldest] = this.#blocks;
    return oldest === undefined || !this.#isDue(oldest);
  }

  /** Whether this run ended before all that is due was erased: the next run may follow at once. */
  get isMore(): boolean {
    return this.#isMore;
  }

  /** Everything of the channel before this time is erased but for what is protected, UTC milliseconds; 0 for nothing. */
  get erasedBeforeMs(): number {
    return this.#erasedBeforeMs;
  }

  /**
   * The next block to erase; {@link erased} or {@link skipped} is called with it before the next one is asked for.
   *
   * @param protectedRanges blocks within one of them are skipped
   */
  next(protectedRanges: readonly TimeRange[]): RetainedBlock | null {
    for (;;) {
      const block = this.#blocks[this.#position];
      if (block === undefined || !this.#isDue(block)) return null;
      const { fromMs, toMs } = rangeOfBlock(block);
      if (protectedRanges.some((other) => other.fromMs <= fromMs && other.toMs >= toMs)) {
        this.#position += 1;
        continue;
      }
      if (this.#erasedCount >= MAX_BLOCKS_PER_RUN) {
        this.interrupt();
        return null;
      }
      this.#position += 1;
      return block;
    }
  }

  /** A block was erased. @param segments 0 when all that is left of the block is protected; that takes no part of the run */
  erased(block: RetainedBlock, { segments, sizeBytes }: Erased): void {
    if (!this.#isAnySkipped) this.#erasedBeforeMs = Math.max(this.#erasedBeforeMs, rangeOfBlock(block).toMs);
    this.#excessBytes -= sizeBytes;
    if (segments > 0) this.#erasedCount += 1;
  }

  /** A block was not erased: it is watched, or failed. */
  skipped(block: RetainedBlock): void {
    this.#excessBytes -= block.mediaBytes;
    if (!this.#isAnySkipped) this.#erasedBeforeMs = Math.min(this.#erasedBeforeMs, block.blockMs);
    this.#isAnySkipped = true;
  }

  /** The run ends here, though more may be due. */
  interrupt(): void {
    const block = this.#blocks[this.#position];
    if (block === undefined) return;
    this.#isMore = true;
    this.#erasedBeforeMs = Math.min(this.#erasedBeforeMs, block.blockMs);
  }

  #isDue({ blockMs }: RetainedBlock): boolean {
    const isTooOld = this.#maxAgeMs !== null && blockMs + BLOCK_MS <= this.#tooOldMs;
    return isTooOld || this.#excessBytes > 0;
  }
}

/** The time that a block covers. */
export function rangeOfBlock({ blockMs }: RetainedBlock): TimeRange {
  return { fromMs: blockMs, toMs: blockMs + BLOCK_MS };
}
