import { describeError } from '../../shared/errors.ts';
import { type Logger, sparing } from '../../shared/logger.ts';
import type { ArchiveIndex } from './archive-index.ts';
import type { Spool } from './spool.ts';

/** What the flusher works with. */
export type IndexFlusherDeps = {
  readonly index: Pick<ArchiveIndex, 'flush'>;
  readonly spool: Pick<Spool, 'remove'>;
  readonly logger: Logger;
  readonly nowMs: () => number;
  /** How often the index is written, milliseconds. */
  readonly everyMs: number;
  /** Whether a failing store has been reported already. */
  isStoreDown(): boolean;
  /** Segments were removed from the spool. */
  onRemoved(): void;
};

const LOG_EVERY_MS = 30_000;

/** Writes the index to the store now and then, and removes from the spool what it lists. One flush runs at a time. */
export class IndexFlusher {
  readonly #deps: IndexFlusherDeps;
  readonly #failureLog: ReturnType<typeof sparing>;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();
  /** Flushes that were asked for and have not begun, by channel; '' for all channels. */
  readonly #requested = new Map<string, Promise<void>>();

  constructor(deps: IndexFlusherDeps) {
    this.#deps = deps;
    this.#failureLog = sparing(deps.logger, LOG_EVERY_MS, deps.nowMs);
  }

  /** Begins to flush periodically. */
  start(): void {
    this.#timer = setInterval(() => void this.flush().catch(() => {}), this.#deps.everyMs);
    this.#timer.unref();
  }

  /** Ends periodic flushes. */
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /**
   * Flushes when the flush in progress has ended. A flush that has not begun writes all that is stored by then, so a second
   * request for the same channel joins it.
   *
   * @param channel one channel only; all when it is left out
   * @throws {StoreError} {@link ArchiveError} `bad-index`: the next flush tries again
   */
  async flush(channel?: string): Promise<void> {
    const name = channel ?? '';
    const requested = this.#requested.get(name);
    if (requested !== undefined) return requested;
    const run = this.#running.then(() => {
      this.#requested.delete(name);
      return this.#flush(channel);
    });
    this.#requested.set(name, run);
    this.#running = run.catch(() => {});
    await run;
  }

  async #flush(channel: string | undefined): Promise<void> {
    const { index, spool, isStoreDown, onRemoved } = this.#deps;
    const { flushed, failure } = await index.flush(channel);
    await Promise.all(flushed.map((listed) => spool.remove({ kind: 'segment', ...listed })));
    onRemoved();
    if (failure === null) return;
    if (!isStoreDown()) this.#failureLog.error({}, `the index cannot be written: ${describeError(failure)}`);
    throw failure;
  }
}
