import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { type ObjectStore, StoreError } from '../../shared/object-store.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import { BlockSizes } from './block-sizes.ts';
import { type ChannelBlocks, type ListedBlock, listChannelBlocks } from './channel-blocks.ts';
import type { Erased, Eraser } from './eraser.ts';
import { rangeOfBlock, type RetainedBlock, RetentionPlan, type RetentionRule } from './retention-plan.ts';
import type { TimeRange } from './time-range.ts';

/** What retention works with. */
export type RetentionDeps = {
  readonly store: ObjectStore;
  readonly eraser: Pick<Eraser, 'erase' | 'isWatched'>;
  readonly logger: Logger;
  readonly nowMs: () => number;
  rule(channel: string): RetentionRule;
  /**
   * Ranges of a channel that are not erased, as they are now. Called before anything of the channel is erased.
   *
   * @returns null when they are not known: nothing of the channel is erased
   * @throws {StoreError} nothing of the channel is erased either
   */
  protectedRanges(channel: string): Promise<readonly TimeRange[] | null>;
  /** All of a channel before this time is erased but for what is protected, UTC milliseconds. */
  onErased(channel: string, beforeMs: number): Promise<void>;
};

/** Channels that are processed at once: enough for a thousand channels, and little load beside the puts. */
const CHANNELS_AT_ONCE = 4;

/** Erases what each channel's rule does not retain, see {@link RetentionPlan}. */
export class Retention {
  readonly #deps: RetentionDeps;
  readonly #sizes: BlockSizes;
  #isStopped = false;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
    this.#sizes = new BlockSizes(deps.store, deps.logger);
  }

  /**
   * Processes all channels once. A channel that fails is logged, and the others are still processed.
   *
   * @returns true while there is more to erase: the next run may follow at once
   * @throws {StoreError} `store-unavailable` (503) when the channels cannot be listed
   */
  async run(): Promise<boolean> {
    let isMore = false;
    await forEachBounded(this.#channels(), CHANNELS_AT_ONCE, async (listed) => {
      try {
        if (await this.#eraseChannel(listed)) isMore = true;
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        const { channel } = listed;
        this.#deps.logger.warn({ channel }, `retention of a channel failed: ${describeError(error)}`);
      }
    });
    this.#sizes.forgetUnseen();
    return isMore && !this.#isStopped;
  }

  /** Ends after the block that is being erased. */
  stop(): void {
    this.#isStopped = true;
  }

  async *#channels(): AsyncGenerator<ChannelBlocks, void, undefined> {
    for await (const listed of listChannelBlocks(this.#deps.store)) {
      if (this.#isStopped) return;
      yield listed;
    }
  }

  /** @returns whether there is more to erase */
  async #eraseChannel({ channel, blocks }: ChannelBlocks): Promise<boolean> {
    const { eraser, nowMs, rule, protectedRanges, onErased } = this.#deps;
    const channelRule = rule(channel);
    const sized = await this.#withSizes(blocks, channelRule);
    const plan = new RetentionPlan(sized, channelRule, nowMs());
    if (plan.isEmpty) return false;
    const ranges = await protectedRanges(channel);
    if (ranges === null) return false;
    for (;;) {
      if (this.#isStopped) {
        plan.interrupt();
        break;
      }
      const block = plan.next(ranges);
      if (block === null) break;
      const range = rangeOfBlock(block);
      const erased = eraser.isWatched(channel, range) ? null : await this.#eraseBlock(channel, range, ranges);
      if (erased === null) plan.skipped(block);
      else plan.erased(block, erased);
    }
    if (plan.erasedBeforeMs > 0) await onErased(channel, plan.erasedBeforeMs);
    return plan.isMore;
  }

  /** @returns null when only this block failed */
  async #eraseBlock(
    channel: string,
    range: TimeRange,
    protectedRanges: readonly TimeRange[],
  ): Promise<Erased | null> {
    const { eraser, logger } = this.#deps;
    const from = new Date(range.fromMs).toISOString();
    try {
      const erased = await eraser.erase(channel, range, protectedRanges);
      const { segments } = erased;
      if (segments > 0) logger.info({ channel, from, ...erased }, `retention erased ${segments} segments`);
      return erased;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'store-unavailable') throw error;
      logger.warn({ channel, from }, `retention skips a block: ${describeError(error)}`);
      return null;
    }
  }

  /** Blocks are read only where the rule has a limit of size. */
  async #withSizes(blocks: readonly ListedBlock[], { maxBytes }: RetentionRule): Promise<RetainedBlock[]> {
    const sized: RetainedBlock[] = [];
    for (const { key, blockMs, objectBytes } of blocks) {
      const mediaBytes = maxBytes === null ? 0 : await this.#sizes.mediaBytesOf(key, objectBytes);
      sized.push({ blockMs, mediaBytes });
    }
    return sized;
  }
}
