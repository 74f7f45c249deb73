import type { ChannelConfig } from '../../config/schema.ts';
import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { ObjectStore } from '../../shared/object-store.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import type { ArchiveIndex } from '../archive/archive-index.ts';
import { newestSegmentEndMs } from '../archive/newest-segment-end.ts';
import type { LiveChannel } from '../live/live-channel.ts';
import { segmentStartMs } from '../../shared/grid.ts';
import type { Run, Segment } from '../packager/media.ts';
import type { Storyboards } from '../storyboard/storyboards.ts';
import { type BroadcastRecord, FORGET_AFTER_MS } from './broadcast-record.ts';
import type { BroadcastLibrary } from './broadcast-library.ts';
import { recordOf, staleEndMs, withOwnId } from './broadcast-entry.ts';
import { type AiredBroadcast, LONGEST_MS, RECONNECT_MS } from './broadcast-fold.ts';
import { joinRanges, recoveredBy, withRecovered } from './recovered.ts';
import { RunFollower } from './run-follower.ts';

/** What the tracker works with. */
export type BroadcastTrackerDeps = {
  readonly library: BroadcastLibrary;
  readonly store: ObjectStore;
  readonly index: ArchiveIndex;
  readonly storyboards: Pick<Storyboards, 'request'>;
  readonly logger: Logger;
  readonly nowMs: () => number;
  /** A channel's configuration. */
  config(channel: string): ChannelConfig;
  /** Called when a broadcast of a channel has ended. */
  onOver(channel: string): void;
};

/** Broadcasts whose newest segments are looked up at once. */
const LOOKUPS_AT_ONCE = 8;

/**
 * Writes broadcasts to the library as the runs of the channels change, and ends those for which no run will follow: they ended
 * while no origin was running, on a channel that was not opened since or that is no longer configured.
 */
export class BroadcastTracker {
  readonly #deps: BroadcastTrackerDeps;
  readonly #followers = new Map<string, RunFollower>();
  /** True once the library was read and its stale broadcasts were ended. Nothing is written before that. */
  #isReady = false;

  constructor(deps: BroadcastTrackerDeps) {
    this.#deps = deps;
  }

  /** Follows a channel that was opened. @returns to be called after each of its steps */
  follow(channel: string, live: LiveChannel): () => void {
    const { library } = this.#deps;
    const follower = new RunFollower({
      live,
      onChange: (aired, isEndSeen) => this.#onChange(channel, aired, isEndSeen),
      resume: (run) => this.#resume(channel, run),
      endOf: (id) => library.get(channel, id)?.endMs ?? null,
    });
    this.#followers.set(channel, follower);
    return () => follower.update();
  }

  /** The broadcast that is on air on a channel; null while there is none. */
  openOn(channel: string): { readonly id: string; readonly startMs: number } | null {
    return this.#followers.get(channel)?.open ?? null;
  }

  /** A segment of a class came when its time on air had passed, and is recorded: that time is no gap. */
  recover(channel: string, { number, init, startTicks, durationTicks }: Segment, gridUnits: number): void {
    if (!this.#isReady || init.kind === 'audio') return;
    const gridMs = segmentStartMs(number, gridUnits);
    const range = recoveredBy({ number, init, startTicks, durationTicks }, gridUnits);
    const { library } = this.#deps;
    const known = library.of(channel).find(({ startMs }) => startMs <= gridMs);
    if (known === undefined || range.endMs <= range.startMs) return;
    const recovered = joinRanges([...(known.recovered ?? []), range]);
    library.put({ ...known, ...withRecovered(known, recovered), recovered });
  }

  /** Ends broadcasts that end by time alone. To be called every few seconds. */
  tick(): void {
    const nowMs = this.#deps.nowMs();
    for (const follower of this.#followers.values()) follower.tick(nowMs);
  }

  /** Whether changes of runs are written to the library. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /**
   * Ends broadcasts that have no end and have not been on air for longer than a teacher may be away, at the end of their
   * newest segment. To be called when the library has been read, and periodically.
   *
   * @throws {StoreError} `store-unavailable` (503)
   */
  async endStale(): Promise<void> {
    if (!this.#deps.library.isLoaded) return;
    await forEachBounded(this.#deps.library.open, LOOKUPS_AT_ONCE, (broadcast) =>
      this.#endIfStale(broadcast),
    );
    if (this.#isReady) return;
    this.#isReady = true;
    for (const follower of this.#followers.values()) follower.reread();
  }

  async #endIfStale(broadcast: BroadcastRecord): Promise<void> {
    const { library, nowMs, storyboards, logger } = this.#deps;
    const { channel, id, startMs } = broadcast;
    const follower = this.#followers.get(channel);
    const blindMs = follower?.blindMs ?? null;
    const isInherited = blindMs !== null && startMs < blindMs;
    if (follower?.open?.id === id && !isInherited) return;
    // This process did not see the channel before `blindMs`, so it counts as not on air up to then only.
    const seenMs = isInherited ? blindMs : nowMs();
    const nextMs = Math.min(
      ...library.of(channel).flatMap((other) => (other.startMs > startMs ? [other.startMs] : [])),
    );
    const toMs = Math.min(seenMs, nextMs, startMs + LONGEST_MS + RECONNECT_MS);
    const newestMs = await newestSegmentEndMs(this.#deps, channel, { fromMs: startMs, toMs });
    const endMs = staleEndMs(startMs, newestMs, seenMs, nowMs());
    if (endMs === null) return;
    const ended = { ...broadcast, endMs, gaps: broadcast.gaps.filter((gap) => gap.endMs <= endMs) };
    library.put(ended);
    storyboards.request(ended);
    logger.info(
      { channel, broadcast: id, endMs },
      'a broadcast without an end is ended at its newest segment',
    );
  }

  #resume(channel: string, { state, startMs }: Run): AiredBroadcast | null {
    if (state !== 'on-air' && state !== 'interrupted' && state !== 'announcement') return null;
    const known = this.#deps.library.at(channel, startMs);
    if (known === undefined) return null;
    return {
      ...{ id: known.id, startMs: known.startMs, endMs: null },
      gaps: known.gaps.filter((gap) => gap.endMs <= startMs),
      downSinceMs: state === 'on-air' ? null : startMs,
      silentSinceMs: state === 'interrupted' ? startMs : null,
    };
  }

  #onChange(channel: string, aired: AiredBroadcast, isEndSeen: boolean): void {
    const { library, onOver, logger } = this.#deps;
    // The replay is available here at once; on other origins after the flush of the index.
    if (aired.endMs !== null) onOver(channel);
    if (!this.#isReady) return;
    if (isEndSeen) {
      this.#enter(channel, aired);
      return;
    }
    const known = library.get(channel, aired.id);
    if (known !== undefined && known.endMs !== null) {
      this.#enter(channel, { ...aired, endMs: known.endMs });
      return;
    }
    if (aired.endMs === null) {
      this.#enter(channel, aired);
      return;
    }
    const range = { fromMs: aired.startMs, toMs: aired.endMs };
    newestSegmentEndMs(this.#deps, channel, range)
      .then((endMs) => {
        // Neither its media nor a record exists.
        if (endMs === null && known === undefined) return;
        this.#enter(channel, { ...aired, endMs: endMs ?? aired.endMs });
      })
      .catch((error: unknown) => {
        logger.warn(
          { channel, broadcast: aired.id },
          `the end of a broadcast is an estimate: ${describeError(error)}`,
        );
        this.#enter(channel, aired);
      });
  }

  #enter(channel: string, aired: AiredBroadcast): void {
    const { library, storyboards, nowMs, config } = this.#deps;
    const named = withOwnId(aired, library.get(channel, aired.id));
    if (library.isDeleted(channel, named.id)) return;
    const known = library.get(channel, named.id);
    if (known === undefined) {
      // One that was deleted or erased long ago is not added again; an interrupted one is decided later.
      const { endMs, downSinceMs } = named;
      if (downSinceMs !== null || (endMs !== null && endMs < nowMs() - FORGET_AFTER_MS)) return;
    }
    const broadcast = recordOf(config(channel), named, known);
    // After a restart the log of runs repeats broadcasts that the library has already.
    if (JSON.stringify(broadcast) !== JSON.stringify(known)) library.put(broadcast);
    if (broadcast.endMs !== null && broadcast.hasStoryboard !== true) storyboards.request(broadcast);
  }
}
