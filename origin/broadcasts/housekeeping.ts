import type { LecternConfig } from '../../config/schema.ts';
import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { ObjectStore } from '../../shared/object-store.ts';
import type { TimeRange } from '../archive/archive-index.ts';
import type { Eraser } from '../archive/eraser.ts';
import { Retention, type RetentionRule } from '../archive/retention.ts';
import type { Storyboards } from '../storyboard/storyboards.ts';
import type { Replay } from '../replay/replay.ts';
import type { Broadcast } from './broadcast.ts';
import type { BroadcastCatalogue } from './broadcast-catalogue.ts';

/** What housekeeping works with. */
export type HousekeepingDeps = {
  readonly config: Pick<LecternConfig, 'archive' | 'channels'>;
  readonly store: ObjectStore;
  readonly catalogue: BroadcastCatalogue;
  readonly eraser: Eraser;
  readonly replay: Replay;
  readonly storyboards: Storyboards;
  readonly logger: Logger;
  readonly nowMs: () => number;
};

/** How often broadcasts are looked at by the clock, in milliseconds. */
const TICK_MS = 5000;
/** How often the library is compared with the store, which other origins write too, in milliseconds. */
const REFRESH_MS = 60_000;
const RETENTION_MS = 3_600_000;
/** The first retention after a start: when what matters more has started. */
const FIRST_RETENTION_MS = 60_000;
/** A deleted broadcast's media goes so long after it left the library, so that who watches it has a minute. */
const DISCARD_AFTER_MS = 60_000;
/** And no later than this, whoever watches it. */
const DISCARD_AT_LATEST_MS = 600_000;
const DAY_MS = 86_400_000;
const GIB = 2 ** 30;

type Discarded = { readonly broadcast: Broadcast; readonly sinceMs: number };

/** Keeps the library in step with the store, and the store within its bounds. One thing at a time, off the hot path. */
export class Housekeeping {
  readonly #deps: HousekeepingDeps;
  readonly #retention: Retention;
  readonly #timers: NodeJS.Timeout[] = [];
  #discarded: Discarded[] = [];
  #working: Promise<void> = Promise.resolve();

  constructor(deps: HousekeepingDeps) {
    this.#deps = deps;
    this.#retention = new Retention({
      ...{ store: deps.store, eraser: deps.eraser, logger: deps.logger, nowMs: deps.nowMs },
      rule: (channel) => ruleOf(deps.config, channel),
      kept: (channel) => keptRanges(deps.catalogue.of(channel)),
      onErased: (channel, beforeMs) => this.#dropEmpty(channel, beforeMs),
    });
  }

  /** @param tick called every few seconds */
  start(tick: () => void): void {
    const refresh = () => this.#work('the library cannot be read', () => this.#deps.catalogue.refresh());
    const retain = () => this.#work('retention stopped', () => this.#retention.run());
    refresh();
    this.#timers.push(
      setInterval(() => {
        tick();
        // The store may have been away at the start: nobody waits a minute more for the library.
        if (!this.#deps.catalogue.isLoaded) refresh();
        if (this.#discarded.length > 0) this.#work('a deletion stopped', () => this.#discardDue());
      }, TICK_MS),
      setInterval(refresh, REFRESH_MS),
      setInterval(retain, RETENTION_MS),
      setTimeout(retain, FIRST_RETENTION_MS),
    );
    for (const timer of this.#timers) timer.unref();
  }

  /** Takes a broadcast's media out of the store, once nobody watches it. */
  discard(broadcast: Broadcast): void {
    this.#discarded.push({ broadcast, sinceMs: this.#deps.nowMs() });
  }

  /** Ends it; what was to be discarded goes by its age. */
  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** A failure is said and tried again at the next turn: the store may be down. */
  #work(what: string, task: () => Promise<void>): void {
    this.#working = this.#working.then(task).catch((error: unknown) => {
      this.#deps.logger.warn({}, `${what}: ${describeError(error)}`);
    });
  }

  async #discardDue(): Promise<void> {
    const { eraser, catalogue, logger, nowMs, replay, storyboards } = this.#deps;
    for (const entry of this.#discarded) {
      const { broadcast, sinceMs } = entry;
      const range = { fromMs: broadcast.startMs, toMs: broadcast.endMs ?? broadcast.startMs };
      const waitedMs = nowMs() - sinceMs;
      const mayGo = waitedMs >= DISCARD_AFTER_MS && !eraser.isInUse(broadcast.channel, range);
      if (!mayGo && waitedMs < DISCARD_AT_LATEST_MS) continue;
      const others = catalogue.of(broadcast.channel).map(rangeOf);
      const erased = await eraser.erase(broadcast.channel, range, others);
      await storyboards.remove(broadcast.channel, broadcast.id);
      replay.forget(broadcast.channel);
      this.#discarded = this.#discarded.filter((other) => other !== entry);
      const fields = { channel: broadcast.channel, broadcast: broadcast.id, ...erased };
      logger.info(fields, `broadcast deleted: ${erased.segments} segments erased`);
    }
  }

  /** A broadcast of which nothing is left is taken out of the library. */
  #dropEmpty(channel: string, beforeMs: number): void {
    const { catalogue, logger, replay, storyboards } = this.#deps;
    replay.forget(channel);
    for (const { id, endMs, keep } of catalogue.of(channel)) {
      if (keep || endMs === null || endMs > beforeMs) continue;
      const removed = storyboards.remove(channel, id).then(() => catalogue.remove(channel, id));
      removed.catch((error: unknown) => {
        logger.warn({ channel, broadcast: id }, `an old broadcast stays listed: ${describeError(error)}`);
      });
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

/** What is marked to be kept, and what is on air. */
function keptRanges(broadcasts: readonly Broadcast[]): TimeRange[] {
  return broadcasts.filter(({ keep, endMs }) => keep || endMs === null).map(rangeOf);
}

function rangeOf({ startMs, endMs }: Broadcast): TimeRange {
  return { fromMs: startMs, toMs: endMs ?? Number.POSITIVE_INFINITY };
}
