import { Semaphore } from 'async-mutex';
import { describeError } from '../../shared/errors.ts';
import { type Logger, sparing } from '../../shared/logger.ts';
import type { ArchiveIndex } from './archive-index.ts';
import { delayMs } from './channel-puts.ts';
import type { Spool } from './spool.ts';

/** What the flusher works with. */
export type IndexFlusherDeps = {
  readonly index: Pick<ArchiveIndex, 'flush' | 'channelsToFlush'>;
  readonly spool: Pick<Spool, 'remove'>;
  readonly logger: Logger;
  readonly nowMs: () => number;
  /** How often the index is written, milliseconds. */
  readonly everyMs: number;
  /** Whether it has been reported already that a channel's objects cannot be stored. */
  isFailing(channel: string): boolean;
  /** Segments were removed from the spool. */
  onRemoved(): void;
};

const LOG_EVERY_MS = 60_000;
/** Longest delay before the flush of a channel that failed is tried again by itself, milliseconds. */
const LAST_RETRY_MS = 60_000;
/** Channels that are flushed at once. */
const CHANNELS_AT_ONCE = 8;
/** Of channels that failed before: their folder, or the connection, may hang. */
const FAILING_AT_ONCE = 2;

type Failing = { readonly failures: number; readonly retryAtMs: number };

/**
 * Writes the index to the store now and then, and removes from the spool what it lists. One flush of a channel runs at a time;
 * channels do not wait for each other.
 */
export class IndexFlusher {
  readonly #deps: IndexFlusherDeps;
  readonly #failureLog: ReturnType<typeof sparing>;
  readonly #places = new Semaphore(CHANNELS_AT_ONCE);
  readonly #failingPlaces = new Semaphore(FAILING_AT_ONCE);
  #timer: NodeJS.Timeout | undefined;
  /** The newest flush of each channel that has one. */
  readonly #running = new Map<string, Promise<void>>();
  /** Flushes that were asked for and have not begun. */
  readonly #requested = new Map<string, Promise<void>>();
  readonly #failing = new Map<string, Failing>();

  constructor(deps: IndexFlusherDeps) {
    this.#deps = deps;
    this.#failureLog = sparing(deps.logger, LOG_EVERY_MS, deps.nowMs);
  }

  /** Begins to flush periodically. */
  start(): void {
    this.#timer = setInterval(() => this.#flushDue(), this.#deps.everyMs).unref();
  }

  /** Ends periodic flushes. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /**
   * Flushes when the flush in progress has ended. A flush that has not begun writes all that is stored by then, so a second
   * request for the same channel joins it.
   *
   * @param channel one channel only; all when it is left out
   * @throws {StoreError} {@link ArchiveError} `bad-index`: the next flush tries again
   */
  async flush(channel?: string): Promise<void> {
    if (channel !== undefined) return this.#flushOne(channel);
    const flushed = await Promise.allSettled(
      this.#deps.index.channelsToFlush().map((each) => this.#flushOne(each)),
    );
    for (const result of flushed) if (result.status === 'rejected') throw result.reason;
  }

  /** Flushes every channel that has something to flush, is not flushed now, and has not failed a moment ago. */
  #flushDue(): void {
    const nowMs = performance.now();
    const channels = new Set(this.#deps.index.channelsToFlush());
    for (const channel of this.#failing.keys()) if (!channels.has(channel)) this.#failing.delete(channel);
    for (const channel of channels) {
      if (this.#running.has(channel) || (this.#failing.get(channel)?.retryAtMs ?? 0) > nowMs) continue;
      this.#flushOne(channel).catch(() => {});
    }
  }

  async #flushOne(channel: string): Promise<void> {
    const requested = this.#requested.get(channel);
    if (requested !== undefined) return requested;
    const places = this.#failing.has(channel) ? this.#failingPlaces : this.#places;
    const before = this.#running.get(channel) ?? Promise.resolve();
    const run = before.then(() =>
      places.runExclusive(() => {
        this.#requested.delete(channel);
        return this.#flush(channel);
      }),
    );
    this.#requested.set(channel, run);
    const ended = run
      .catch(() => {})
      .finally(() => {
        if (this.#running.get(channel) === ended) this.#running.delete(channel);
      });
    this.#running.set(channel, ended);
    return run;
  }

  async #flush(channel: string): Promise<void> {
    const { index, spool, isFailing, onRemoved } = this.#deps;
    const { flushed, failure } = await index.flush(channel);
    for (const listed of flushed) {
      await spool.remove({ kind: 'segment', ...listed }).catch((error: unknown) => {
        // It takes space, and is put once more after the next start.
        this.#failureLog.warn({ channel }, `a stored segment stays in the spool: ${describeError(error)}`);
      });
    }
    onRemoved();
    if (failure === null) {
      this.#failing.delete(channel);
      return;
    }
    const failures = (this.#failing.get(channel)?.failures ?? 0) + 1;
    const retryAtMs = performance.now() + delayMs(failures, this.#deps.everyMs, LAST_RETRY_MS);
    this.#failing.set(channel, { failures, retryAtMs });
    if (!isFailing(channel)) {
      const message = `the index of ${channel} cannot be written: ${describeError(failure)}`;
      this.#failureLog.error({ channel }, message);
    }
    throw failure;
  }
}
