import type { LecternConfig } from '../../config/schema.ts';
import { describeError } from '../../shared/errors.ts';
import { sparing } from '../../shared/logger.ts';
import type { ObjectStore } from '../../shared/object-store.ts';
import type { TimeRange } from '../archive/time-range.ts';
import { attendanceKey } from '../archive/archive-keys.ts';
import { Retention } from '../archive/retention.ts';
import type { RetentionRule } from '../archive/retention-plan.ts';
import { RECONNECT_MS } from './broadcast-fold.ts';
import type { BroadcastTracker } from './broadcast-tracker.ts';
import { Deletions, type DeletionsDeps, rangeOf } from './deletions.ts';

/** What housekeeping works with. */
export type HousekeepingDeps = DeletionsDeps & {
  readonly config: Pick<LecternConfig, 'archive' | 'channels'>;
  readonly store: ObjectStore;
  readonly tracker: BroadcastTracker;
};

/** How often deletions run and broadcasts are ended by the clock, milliseconds. */
const TICK_MS = 5000;
/** How often the library is compared with the store, which other origins write too, milliseconds. */
const REFRESH_MS = 60_000;
const RETENTION_MS = 3_600_000;
const LOG_EVERY_MS = 60_000;
/** Delay of the first retention after the start, so that it does not compete with the start's own work, milliseconds. */
const FIRST_RETENTION_MS = 60_000;
const DAY_MS = 86_400_000;
const GIB = 2 ** 30;

/**
 * Refreshes the library, erases deleted broadcasts and runs retention, periodically and off the hot path. One task runs at a
 * time; retention, which may take long, runs beside it.
 */
export class Housekeeping {
  readonly #deps: HousekeepingDeps;
  readonly #retention: Retention;
  readonly #deletions: Deletions;
  readonly #timers: NodeJS.Timeout[] = [];
  #working: Promise<void> = Promise.resolve();
  /** Tasks that run or wait. */
  #pendingTasks = 0;
  #retaining: Promise<void> | null = null;
  /** By what failed: there are as many as tasks. */
  readonly #failureLogs = new Map<string, ReturnType<typeof sparing>>();

  constructor(deps: HousekeepingDeps) {
    this.#deps = deps;
    this.#deletions = new Deletions(deps);
    this.#retention = new Retention({
      ...{ store: deps.store, eraser: deps.eraser, logger: deps.logger, nowMs: deps.nowMs },
      rule: (channel) => ruleOf(deps.config, channel),
      protectedRanges: (channel) => this.#protectedRanges(channel),
      onErased: (channel, beforeMs) => this.#dropEmpty(channel, beforeMs),
    });
  }

  /** Starts the periodic tasks. */
  start(): void {
    this.#work('the library cannot be read', () => this.refresh());
    this.#timers.push(
      setInterval(() => this.#tick(), TICK_MS),
      setInterval(() => this.#work('the library cannot be read', () => this.refresh()), REFRESH_MS),
      setInterval(() => this.#settle(), RECONNECT_MS),
      setInterval(() => void this.retain(), RETENTION_MS),
      setTimeout(() => void this.retain(), FIRST_RETENTION_MS),
    );
    for (const timer of this.#timers) timer.unref();
  }

  /** Ends the periodic tasks; the next start does the rest. */
  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#retention.stop();
  }

  /** Refreshes the library. @throws {StoreError} `store-unavailable` (503) */
  async refresh(): Promise<void> {
    const { library, tracker } = this.#deps;
    await library.refresh();
    if (!tracker.isReady) await tracker.endStale();
  }

  /** Erases the media of deleted broadcasts that is due. @throws {StoreError} `store-unavailable` (503) */
  discard(): Promise<void> {
    return this.#deletions.run();
  }

  /**
   * Erases media that the rules do not retain. Protected broadcasts are read from the store first: when that fails, nothing is
   * erased. A call during a run joins it. A failure is logged.
   */
  async retain(): Promise<void> {
    this.#retaining ??= this.#retain()
      .catch((error: unknown) => {
        this.#deps.logger.warn({}, `retention stopped: ${describeError(error)}`);
      })
      .finally(() => {
        this.#retaining = null;
      });
    await this.#retaining;
  }

  async #retain(): Promise<void> {
    do await this.#deps.library.refresh();
    while (await this.#retention.run());
  }

  #tick(): void {
    const { library, tracker } = this.#deps;
    tracker.tick();
    // Tasks must not pile up while the store is slow.
    if (this.#pendingTasks > 0) return;
    // The store may have been down at the start: the library is read as soon as it is back.
    if (!library.isLoaded || !tracker.isReady) {
      this.#work('the library cannot be read', () => this.refresh());
    }
    this.#work('some deletions are tried again', () => this.discard());
  }

  #settle(): void {
    const { tracker } = this.#deps;
    this.#work('stale broadcasts cannot be ended', () => tracker.endStale());
  }

  /** A failure is logged, and the next run tries again: the store may be down. */
  #work(what: string, task: () => Promise<void>): void {
    this.#pendingTasks += 1;
    this.#working = this.#working
      .then(task)
      .catch((error: unknown) => {
        this.#logOf(what).warn({}, `${what}: ${describeError(error)}`);
      })
      .finally(() => {
        this.#pendingTasks -= 1;
      });
  }

  #logOf(what: string): ReturnType<typeof sparing> {
    const known = this.#failureLogs.get(what);
    if (known !== undefined) return known;
    const made = sparing(this.#deps.logger, LOG_EVERY_MS, this.#deps.nowMs);
    this.#failureLogs.set(what, made);
    return made;
  }

  /** Ranges of protected broadcasts and of those on air, as the store has them now. */
  async #protectedRanges(channel: string): Promise<TimeRange[] | null> {
    const { library, logger } = this.#deps;
    await library.refresh(channel);
    if (!library.isWhole(channel)) {
      logger.warn({ channel }, 'retention skips a channel: one of its broadcasts cannot be read');
      return null;
    }
    const retained = library.of(channel).filter(({ keep, endMs }) => keep || endMs === null);
    return retained.map(rangeOf);
  }

  /** Deletes broadcasts without any media from the library. */
  async #dropEmpty(channel: string, beforeMs: number): Promise<void> {
    const { library, nowMs, replay, storyboards, store } = this.#deps;
    replay.invalidate(channel);
    for (const { id, endMs, keep } of library.of(channel)) {
      if (keep || endMs === null || endMs > beforeMs) continue;
      await storyboards.remove(channel, id);
      await store.delete([attendanceKey(channel, id)]);
      // A record of the deletion stays: the log of runs may still have the broadcast, and would add it again.
      await library.change(channel, id, (broadcast) =>
        broadcast.keep ? broadcast : { ...broadcast, deletedMs: nowMs(), isErased: true },
      );
    }
  }
}

function ruleOf({ archive, channels }: HousekeepingDeps['config'], channel: string): RetentionRule {
  const own = channels.find(({ id }) => id === channel);
  const gib = own?.keepGiB ?? archive.keepGiB;
  return {
    maxAgeMs: (own?.keepDays ?? archive.keepDays) * DAY_MS,
    maxBytes: gib === undefined ? null : gib * GIB,
  };
}
