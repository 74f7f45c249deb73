import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { type ObjectStore, StoreError } from '../../shared/object-store.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import type { TimeRange } from './archive-index.ts';
import { idOfKey, indexPrefix } from './archive-keys.ts';
import type { Erased, Eraser } from './eraser.ts';
import { BLOCK_MS, blockAt, parseBlock } from './index-block.ts';

/** How long and how much of a channel is kept. */
export type RetentionRule = {
  /** Milliseconds; null for ever. */
  readonly maxAgeMs: number | null;
  /** Bytes of a channel's media, those that are kept whatever the rule says among them; null for any number. */
  readonly maxBytes: number | null;
};

/** What retention works with. */
export type RetentionDeps = {
  readonly store: ObjectStore;
  readonly eraser: Pick<Eraser, 'erase' | 'isWatched'>;
  readonly logger: Logger;
  readonly nowMs: () => number;
  rule(channel: string): RetentionRule;
  /**
   * Stretches of a channel that are kept whatever the rule says, as they are now. Asked before anything of it is erased.
   *
   * @returns null where that cannot be told: nothing of the channel is erased then
   * @throws {StoreError} and nothing of the channel is erased either
   */
  kept(channel: string): Promise<readonly TimeRange[] | null>;
  /** All of a channel before this time is gone but for what is kept, UTC milliseconds. */
  onErased(channel: string, beforeMs: number): Promise<void>;
};

/** Blocks of one channel that one run erases at most, so that no channel keeps the others waiting: some seven hours. */
const MAX_BLOCKS = 64;
/** Channels that are looked at at once: enough to keep up with a thousand, and little beside what comes in. */
const CHANNELS_AT_ONCE = 4;
const BLOCK_KEY = /^index\/((?:x\.)?[a-z0-9-]{1,64})\/(\d{1,15})\.jsonl$/;

type BlockSize = { readonly objectBytes: number; readonly mediaBytes: number };
type Block = { readonly key: string; readonly blockMs: number; readonly objectBytes: number };
type Past = { readonly channel: string; readonly blocks: Block[] };

/**
 * Keeps each channel's past within its rule: what is too old goes, and then the oldest of what is too much. What is kept
 * stays, and what is watched goes with a later run.
 */
export class Retention {
  readonly #deps: RetentionDeps;
  /** What blocks take, as long as their index object is of the same size: reading each of them every hour would be much. */
  #sizes = new Map<string, BlockSize>();
  #isStopped = false;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
  }

  /**
   * Looks at all channels once. A channel that fails keeps no other from its turn.
   *
   * @returns true while there is more to erase: another run may follow at once
   * @throws {StoreError} `store-unavailable` (503) when the store does not say which channels there are
   */
  async run(): Promise<boolean> {
    const seen = new Map<string, BlockSize>();
    let isMore = false;
    await forEachBounded(this.#pasts(), CHANNELS_AT_ONCE, async ({ channel, blocks }) => {
      if (this.#isStopped) return;
      try {
        if (await this.#erase(channel, blocks, seen)) isMore = true;
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        this.#deps.logger.warn({ channel }, `retention leaves a channel: ${describeError(error)}`);
      }
    });
    this.#sizes = seen;
    return isMore && !this.#isStopped;
  }

  /** Begins nothing more; what is under way ends as it can. */
  stop(): void {
    this.#isStopped = true;
  }

  /** The blocks of each channel, one channel after the other: its keys follow each other. */
  async *#pasts(): AsyncGenerator<Past, void, undefined> {
    let past: Past | null = null;
    for await (const { key, sizeBytes } of this.#deps.store.list(indexPrefix())) {
      const [, owner, blockText] = BLOCK_KEY.exec(key) ?? [];
      if (owner === undefined || blockText === undefined) continue;
      if (this.#isStopped) return;
      const channel = idOfKey(owner);
      if (past !== null && past.channel !== channel) {
        yield past;
        past = null;
      }
      past ??= { channel, blocks: [] };
      past.blocks.push({ key, blockMs: Number(blockText), objectBytes: sizeBytes });
    }
    if (past !== null) yield past;
  }

  /** @returns whether there is more to erase */
  async #erase(channel: string, unsorted: readonly Block[], seen: Map<string, BlockSize>): Promise<boolean> {
    const { eraser, nowMs, rule, kept, onErased } = this.#deps;
    const { maxAgeMs, maxBytes } = rule(channel);
    const blocks = unsorted.toSorted((a, b) => a.blockMs - b.blockMs);
    // Of a block that has ended before this, nothing is young enough.
    const tooOldMs = maxAgeMs === null ? Number.NEGATIVE_INFINITY : nowMs() - maxAgeMs;
    const isTooOld = ({ blockMs }: Block): boolean => blockMs + BLOCK_MS <= tooOldMs;
    let tooMuch = maxBytes === null ? 0 : (await this.#mediaBytes(blocks, seen)) - maxBytes;
    const [oldest] = blocks;
    if (oldest === undefined || (!isTooOld(oldest) && tooMuch <= 0)) return false;
    const ranges = await kept(channel);
    if (ranges === null) return false;
    let left = MAX_BLOCKS;
    let goneMs = maxAgeMs === null ? 0 : blockAt(tooOldMs);
    let isAnyLeft = false;
    let isMore = false;
    const leave = (block: Block): void => {
      tooMuch -= seen.get(block.key)?.mediaBytes ?? 0;
      if (!isAnyLeft) goneMs = Math.min(goneMs, block.blockMs);
      isAnyLeft = true;
    };
    for (const block of blocks) {
      const range = { fromMs: block.blockMs, toMs: block.blockMs + BLOCK_MS };
      if (!isTooOld(block) && tooMuch <= 0) break;
      if (ranges.some(({ fromMs, toMs }) => fromMs <= range.fromMs && toMs >= range.toMs)) continue;
      if (left === 0 || this.#isStopped) {
        isMore = true;
        goneMs = Math.min(goneMs, range.fromMs);
        break;
      }
      // Whoever watches it is not stopped: it goes with a later run, and nothing younger goes in its place.
      if (eraser.isWatched(channel, range)) {
        leave(block);
        continue;
      }
      const erased = await this.#eraseBlock(channel, range, ranges);
      if (erased === null) {
        leave(block);
        continue;
      }
      if (!isAnyLeft) goneMs = Math.max(goneMs, range.toMs);
      if (erased.segments === 0) continue;
      tooMuch -= erased.sizeBytes;
      left -= 1;
    }
    if (goneMs > 0) await onErased(channel, goneMs);
    return isMore;
  }

  /** @returns null where it could not be done, for reasons that are this block's own */
  async #eraseBlock(channel: string, range: TimeRange, kept: readonly TimeRange[]): Promise<Erased | null> {
    const { eraser, logger } = this.#deps;
    const from = new Date(range.fromMs).toISOString();
    try {
      const erased = await eraser.erase(channel, range, kept);
      const { segments } = erased;
      if (segments > 0) logger.info({ channel, from, ...erased }, `retention erased ${segments} segments`);
      return erased;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'store-unavailable') throw error;
      logger.warn({ channel, from }, `retention leaves a block: ${describeError(error)}`);
      return null;
    }
  }

  async #mediaBytes(blocks: readonly Block[], seen: Map<string, BlockSize>): Promise<number> {
    let sum = 0;
    for (const { key, objectBytes } of blocks) {
      const mediaBytes = await this.#sizeOf(key, objectBytes);
      seen.set(key, { objectBytes, mediaBytes });
      sum += mediaBytes;
    }
    return sum;
  }

  async #sizeOf(key: string, objectBytes: number): Promise<number> {
    const { store, logger } = this.#deps;
    const known = this.#sizes.get(key);
    if (known?.objectBytes === objectBytes) return known.mediaBytes;
    try {
      const segments = parseBlock((await store.get(key)).toString('utf8'), key);
      return segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    } catch (error) {
      if (error instanceof StoreError && error.code === 'store-unavailable') throw error;
      logger.warn({ object: key }, `retention passes a block over: ${describeError(error)}`);
      return 0;
    }
  }
}
