import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { ObjectStore } from '../../shared/object-store.ts';
import type { TimeRange } from './archive-index.ts';
import { idOfKey, indexPrefix } from './archive-keys.ts';
import type { Eraser } from './eraser.ts';
import { BLOCK_MS, parseBlock } from './index-block.ts';

/** How long and how much of a channel is kept. */
export type RetentionRule = {
  /** Milliseconds; null for ever. */
  readonly maxAgeMs: number | null;
  /** Bytes of a channel's media; null for any number. */
  readonly maxBytes: number | null;
};

/** A block of a channel's past, and what its media takes. */
export type PastBlock = {
  /** Its beginning, UTC milliseconds. */
  readonly blockMs: number;
  readonly sizeBytes: number;
};

/** What retention works with. */
export type RetentionDeps = {
  readonly store: ObjectStore;
  readonly eraser: Eraser;
  readonly logger: Logger;
  readonly nowMs: () => number;
  rule(channel: string): RetentionRule;
  /** Stretches of a channel that are kept whatever the rule says. */
  kept(channel: string): readonly TimeRange[];
  /** Something of a channel before this time was erased, UTC milliseconds. */
  onErased(channel: string, beforeMs: number): void;
};

/** Blocks that one run erases at most, so that it is short, and no store is flooded with deletes: some 23 hours of a channel. */
const MAX_BLOCKS = 200;
const BLOCK_KEY = /^index\/((?:x\.)?[a-z0-9-]{1,64})\/(\d{1,15})\.jsonl$/;

/**
 * Decides what has to go: what is too old, and then the oldest of what is too much.
 *
 * @param blocks oldest first
 * @returns blocks to erase, oldest first
 */
export function blocksToErase(
  blocks: readonly PastBlock[],
  { maxAgeMs, maxBytes }: RetentionRule,
  nowMs: number,
): number[] {
  let tooMuch = maxBytes === null ? 0 : blocks.reduce((sum, { sizeBytes }) => sum + sizeBytes, -maxBytes);
  const going: number[] = [];
  for (const { blockMs, sizeBytes } of blocks) {
    const isTooOld = maxAgeMs !== null && blockMs + BLOCK_MS <= nowMs - maxAgeMs;
    if (!isTooOld && tooMuch <= 0) break;
    tooMuch -= sizeBytes;
    going.push(blockMs);
  }
  return going;
}

type BlockSize = { readonly objectBytes: number; readonly mediaBytes: number };

/** Keeps each channel's past within its rule: run now and then, it erases a bounded number of blocks and says which. */
export class Retention {
  readonly #deps: RetentionDeps;
  /** What blocks take, as long as their index object is of the same size: reading each of them every hour would be much. */
  #sizes = new Map<string, BlockSize>();

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
  }

  /**
   * Looks at all channels once.
   *
   * @throws {StoreError} `store-unavailable` (503)
   */
  async run(): Promise<void> {
    let channel = '';
    let blocks: PastBlock[] = [];
    let left = MAX_BLOCKS;
    const seen = new Map<string, BlockSize>();
    for await (const { key, sizeBytes } of this.#deps.store.list(indexPrefix())) {
      const [, owner, blockText] = BLOCK_KEY.exec(key) ?? [];
      if (owner === undefined || blockText === undefined) continue;
      const ownerId = idOfKey(owner);
      if (ownerId !== channel) {
        left -= await this.#erase(channel, blocks, left);
        channel = ownerId;
        blocks = [];
      }
      const mediaBytes = await this.#sizeOf(channel, key, sizeBytes);
      seen.set(key, { objectBytes: sizeBytes, mediaBytes });
      blocks.push({ blockMs: Number(blockText), sizeBytes: mediaBytes });
    }
    await this.#erase(channel, blocks, left);
    this.#sizes = seen;
  }

  async #sizeOf(channel: string, key: string, objectBytes: number): Promise<number> {
    const { store, logger, rule } = this.#deps;
    if (rule(channel).maxBytes === null) return 0;
    const known = this.#sizes.get(key);
    if (known?.objectBytes === objectBytes) return known.mediaBytes;
    try {
      const segments = parseBlock((await store.get(key)).toString('utf8'), key);
      return segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    } catch (error) {
      logger.warn({ object: key }, `retention passes a block over: ${describeError(error)}`);
      return 0;
    }
  }

  /** @returns how many blocks were erased */
  async #erase(channel: string, unsorted: readonly PastBlock[], atMost: number): Promise<number> {
    if (channel === '') return 0;
    const { eraser, logger, nowMs, rule, kept, onErased } = this.#deps;
    const blocks = unsorted.toSorted((a, b) => a.blockMs - b.blockMs);
    let erased = 0;
    for (const blockMs of blocksToErase(blocks, rule(channel), nowMs()).slice(0, atMost)) {
      const range = { fromMs: blockMs, toMs: blockMs + BLOCK_MS };
      // Whoever watches it is not stopped: it goes with the next run.
      if (eraser.isInUse(channel, range)) continue;
      const { segments, sizeBytes } = await eraser.erase(channel, range, kept(channel));
      erased += 1;
      if (segments === 0) continue;
      const from = new Date(blockMs).toISOString();
      logger.info({ channel, from, segments, sizeBytes }, `retention erased ${segments} segments`);
      onErased(channel, range.toMs);
    }
    return erased;
  }
}
