import type { ObjectStore } from '../../shared/object-store.ts';
import { attendanceKey } from '../archive/archive-keys.ts';
import { describeError } from '../../shared/errors.ts';
import { type Logger, sparing } from '../../shared/logger.ts';
import { StoreError } from '../../shared/object-store.ts';
import type { TimeRange } from '../archive/time-range.ts';
import type { Eraser } from '../archive/eraser.ts';
import type { Replay } from '../replay/replay.ts';
import type { Storyboards } from '../storyboard/storyboards.ts';
import { type BroadcastRecord, FORGET_AFTER_MS } from './broadcast-record.ts';
import type { BroadcastLibrary } from './broadcast-library.ts';
import { RECONNECT_MS, LONGEST_MS } from './broadcast-fold.ts';

/** What deletions work with. */
export type DeletionsDeps = {
  readonly library: BroadcastLibrary;
  readonly eraser: Eraser;
  readonly replay: Pick<Replay, 'invalidate'>;
  readonly storyboards: Pick<Storyboards, 'remove'>;
  readonly store: Pick<ObjectStore, 'delete'>;
  readonly logger: Logger;
  readonly nowMs: () => number;
};

/** Delay between a deletion and the erasure of the media, so that current viewers can finish. Milliseconds. */
const DISCARD_AFTER_MS = 60_000;
/** It is erased after this time even while somebody watches it, milliseconds. */
const DISCARD_AT_LATEST_MS = 600_000;
/** Delay after a refusal, milliseconds; it doubles with each, up to the longest. */
const RETRY_MS = 5000;
const LAST_RETRY_MS = 600_000;
/** After failures for so many channels the store counts as down, and the rest waits for the next run. */
const MAX_FAILING_CHANNELS = 5;
const LOG_EVERY_MS = 60_000;
/** The record of a deletion is removed this long after the broadcast can no longer be added again, milliseconds. */
const MARGIN_MS = 86_400_000;

/**
 * Erases the media of deleted broadcasts. The work to do follows from their records in the store, so it continues after a
 * restart. A record stays until the log of runs can no longer add the broadcast again.
 */
export class Deletions {
  readonly #deps: DeletionsDeps;
  /** Blocks that had segments in the spool before the library was loaded. */
  readonly #early = new Set<string>();
  /** Deleted broadcasts that had segments in the spool: erased again once those are stored. */
  readonly #late = new Set<string>();
  /** Deletions that the store refused, by channel and id. */
  readonly #failed = new Map<string, { readonly failures: number; readonly retryAtMs: number }>();
  readonly #failureLog: ReturnType<typeof sparing>;

  constructor(deps: DeletionsDeps) {
    this.#deps = deps;
    this.#failureLog = sparing(deps.logger, LOG_EVERY_MS, deps.nowMs);
    this.#noteEarly();
  }

  /**
   * Erases what is due. To be called every few seconds. One that fails is logged and does not stop the others, and a channel that the
   * store fails for does not stop other channels.
   *
   * @throws {StoreError} `store-unavailable` (503): the rest is erased in the next call
   */
  async run(): Promise<void> {
    const { library, nowMs } = this.#deps;
    if (!library.isLoaded) {
      this.#noteEarly();
      return;
    }
    /** Channels that the store fails for: their other broadcasts are not tried in this run. */
    const failing = new Set<string>();
    let failure: StoreError | null = null;
    for (const broadcast of library.deleted) {
      const { channel, id } = broadcast;
      const name = `${channel}/${id}`;
      if (failing.has(channel) || (this.#failed.get(name)?.retryAtMs ?? 0) > nowMs()) continue;
      try {
        await this.#look(broadcast);
        this.#failed.delete(name);
      } catch (error) {
        if (error instanceof StoreError && error.code === 'store-unavailable') {
          failing.add(channel);
          failure = error;
          if (failing.size >= MAX_FAILING_CHANNELS) break;
        } else this.#postpone(broadcast, error);
      }
    }
    this.#early.clear();
    if (failure !== null) throw failure;
  }

  /** One that the store refuses is tried again later and later. */
  #postpone({ channel, id }: BroadcastRecord, error: unknown): void {
    const name = `${channel}/${id}`;
    const failures = (this.#failed.get(name)?.failures ?? 0) + 1;
    const retryAtMs = this.#deps.nowMs() + Math.min(LAST_RETRY_MS, RETRY_MS * 2 ** Math.min(failures, 10));
    this.#failed.set(name, { failures, retryAtMs });
    const message = `the deletion of broadcast ${id} is tried again: ${describeError(error)}`;
    this.#failureLog.warn({ channel, broadcast: id }, message);
  }

  #noteEarly(): void {
    for (const block of this.#deps.eraser.pendingBlocks()) this.#early.add(block);
  }

  async #look(broadcast: BroadcastRecord): Promise<void> {
    const { library, eraser, nowMs } = this.#deps;
    const { channel, id, deletedMs = 0, endMs, isErased } = broadcast;
    const name = `${channel}/${id}`;
    const range = { fromMs: broadcast.startMs, toMs: endMs ?? broadcast.startMs };
    const isPending = eraser.isPending(channel, range);
    if (isPending || eraser.touches(channel, range, this.#early)) this.#late.add(name);
    const waitedMs = nowMs() - deletedMs;
    if (isPending) {
      // Segments that are stored after the media was erased would stay; those that the store refuses would be waited for.
      if (waitedMs >= DISCARD_AFTER_MS && library.isWhole(channel)) {
        await eraser.discardUnstored(channel, range, library.of(channel).map(rangeOf));
      }
      return;
    }
    const isLate = this.#late.has(name);
    if (isErased === true && !isLate) {
      if (range.toMs < nowMs() - FORGET_AFTER_MS - MARGIN_MS) await library.remove(channel, id);
      return;
    }
    const mayGo = waitedMs >= DISCARD_AFTER_MS && !eraser.isWatched(channel, range);
    if (!mayGo && waitedMs < DISCARD_AT_LATEST_MS) return;
    if (await this.#erase(broadcast, range)) this.#late.delete(name);
  }

  async #erase(broadcast: BroadcastRecord, range: TimeRange): Promise<boolean> {
    const { library, eraser, storyboards, replay, store, logger } = this.#deps;
    const { channel, id } = broadcast;
    await library.refresh(channel);
    // A broadcast that cannot be read may cover the same time.
    if (!library.isWhole(channel)) return false;
    const erased = await eraser.erase(channel, range, library.of(channel).map(rangeOf));
    await storyboards.remove(channel, id);
    await store.delete([attendanceKey(channel, id)]);
    await library.markErased(channel, id);
    replay.invalidate(channel);
    const fields = { channel, broadcast: id, ...erased };
    logger.info(fields, `broadcast deleted: ${erased.segments} segments erased`);
    return true;
  }
}

/** The range of a broadcast; without an end, up to its longest duration. */
export function rangeOf({ startMs, endMs }: BroadcastRecord): TimeRange {
  return { fromMs: startMs, toMs: endMs ?? startMs + LONGEST_MS + RECONNECT_MS };
}
