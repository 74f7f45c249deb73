import type { ChannelConfig } from '../../config/schema.ts';
import { describeError } from '../../shared/errors.ts';
import { SEGMENT_DURATION_MS } from '../../shared/grid.ts';
import type { Logger } from '../../shared/logger.ts';
import type { ObjectStore } from '../../shared/object-store.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import type { ArchiveIndex } from '../archive/archive-index.ts';
import { newestSegmentEndMs } from '../archive/newest-segment-end.ts';
import type { LiveChannel } from '../live/live-channel.ts';
import type { Run } from '../packager/media.ts';
import type { Storyboards } from '../storyboard/storyboards.ts';
import { type BroadcastRecord, FORGET_AFTER_MS } from './broadcast-record.ts';
import type { BroadcastLibrary } from './broadcast-library.ts';
import { type AiredBroadcast, RECONNECT_MS, LONGEST_MS, partOf } from './broadcast-fold.ts';
import { RunFollower } from './run-follower.ts';

/** What the register works with. */
export type BroadcastTrackerDeps = {
  readonly library: BroadcastLibrary;
  readonly store: ObjectStore;
  readonly index: ArchiveIndex;
  readonly storyboards: Pick<Storyboards, 'request'>;
  readonly logger: Logger;
  readonly nowMs: () => number;
  /** What a channel is set to. */
  config(channel: string): ChannelConfig;
  /** A class of a channel is over. */
  onOver(channel: string): void;
};

/** How many broadcasts are looked for in the index at once. */
const LOOKS_AT_ONCE = 8;

/**
 * Enters in the library what the runs of the channels tell, and ends there what no run will end any more: a class whose end
 * fell into a time when no origin was up, on a channel that nobody has opened since or that is configured no longer.
 */
export class BroadcastTracker {
  readonly #deps: BroadcastTrackerDeps;
  readonly #followers = new Map<string, RunFollower>();
  /** The library has been read, and what was open in it without a reason is closed. Nothing is entered before that. */
  #isReady = false;

  constructor(deps: BroadcastTrackerDeps) {
    this.#deps = deps;
  }

  /** Follows a channel that has come to life. @returns to be called after each of its steps */
  follow(channel: string, live: LiveChannel): () => void {
    const { library } = this.#deps;
    const follower = new RunFollower({
      live,
      tell: (aired, isEndSeen) => this.#tell(channel, aired, isEndSeen),
      recall: (run) => this.#recall(channel, run),
      endOf: (id) => library.get(channel, id)?.endMs ?? null,
    });
    this.#followers.set(channel, follower);
    return () => follower.update();
  }

  /** The broadcast that is on air on a channel; null while there is none. */
  openOn(channel: string): { readonly id: string; readonly startMs: number } | null {
    return this.#followers.get(channel)?.open ?? null;
  }

  /** Lets time pass. To be called every few seconds. */
  tick(): void {
    const nowMs = this.#deps.nowMs();
    for (const follower of this.#followers.values()) follower.tick(nowMs);
  }

  /** Whether what the runs tell is entered in the library. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /**
   * Ends what is open in the library and has not been on air for longer than a teacher may stay away, at the end of its
   * newest segment. To be called when the library has been read, and now and then.
   *
   * @throws {StoreError} `store-unavailable` (503)
   */
  async endStale(): Promise<void> {
    if (!this.#deps.library.isLoaded) return;
    await forEachBounded(this.#deps.library.open, LOOKS_AT_ONCE, (broadcast) =>
      this.#endForgotten(broadcast),
    );
    if (this.#isReady) return;
    this.#isReady = true;
    for (const follower of this.#followers.values()) follower.reread();
  }

  async #endForgotten(broadcast: BroadcastRecord): Promise<void> {
    const { library, nowMs, storyboards, logger } = this.#deps;
    const { channel, id, startMs } = broadcast;
    const follower = this.#followers.get(channel);
    const blindMs = follower?.blindMs ?? null;
    const isInherited = blindMs !== null && startMs < blindMs;
    if (follower?.open?.id === id && !isInherited) return;
    // A channel that was found at rest says nothing of what was on air before that.
    const seenMs = isInherited ? blindMs : nowMs();
    const nextMs = Math.min(
      ...library.of(channel).flatMap((other) => (other.startMs > startMs ? [other.startMs] : [])),
    );
    const toMs = Math.min(seenMs, nextMs, startMs + LONGEST_MS + RECONNECT_MS);
    const lastMs = await newestSegmentEndMs(this.#deps, channel, { fromMs: startMs, toMs });
    // Where no segment is listed, the index may be lost, and made again soon.
    const isOver =
      lastMs === null ? nowMs() - startMs > LONGEST_MS + RECONNECT_MS : seenMs - lastMs > RECONNECT_MS;
    if (!isOver) return;
    const endMs = lastMs ?? startMs + SEGMENT_DURATION_MS;
    const ended = { ...broadcast, endMs, gaps: broadcast.gaps.filter((gap) => gap.endMs <= endMs) };
    library.put(ended);
    storyboards.request(ended);
    logger.info(
      { channel, broadcast: id, endMs },
      'a broadcast that nobody ended is ended where its media does',
    );
  }

  #recall(channel: string, { state, startMs }: Run): AiredBroadcast | null {
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

  #tell(channel: string, aired: AiredBroadcast, isEndSeen: boolean): void {
    const { library, onOver, logger } = this.#deps;
    // Its replay is there at once here; elsewhere when the index says so.
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
        // Nothing is known of it but that it was on air once.
        if (endMs === null && known === undefined) return;
        this.#enter(channel, { ...aired, endMs: endMs ?? aired.endMs });
      })
      .catch((error: unknown) => {
        logger.warn({ channel, broadcast: aired.id }, `its end is a guess: ${describeError(error)}`);
        this.#enter(channel, aired);
      });
  }

  #enter(channel: string, aired: AiredBroadcast): void {
    const { library, storyboards, nowMs, config } = this.#deps;
    const named = this.#named(channel, aired);
    if (library.isDeleted(channel, named.id)) return;
    const known = library.get(channel, named.id);
    if (known === undefined) {
      // What was deleted long ago, or ended by retention, does not come back; what is down is decided later.
      const { endMs, downSinceMs } = named;
      if (downSinceMs !== null || (endMs !== null && endMs < nowMs() - FORGET_AFTER_MS)) return;
    }
    const broadcast = recordOf(config(channel), named, known);
    // After a restart the log of runs tells of what is known already.
    if (JSON.stringify(broadcast) !== JSON.stringify(known)) library.put(broadcast);
    if (broadcast.endMs !== null && broadcast.hasStoryboard !== true) storyboards.request(broadcast);
  }

  /** A feed that stood still for so long that its class ended goes on as another one, whose name it cannot say. */
  #named(channel: string, aired: AiredBroadcast): AiredBroadcast {
    const known = this.#deps.library.get(channel, aired.id);
    const isAnother = known !== undefined && known.endMs !== null && known.endMs <= aired.startMs;
    return isAnother && known.startMs < aired.startMs
      ? { ...aired, id: partOf(aired.id, aired.startMs) }
      : aired;
  }
}

/** A broadcast's entry in the library: what was aired, with what the channel says of itself unless somebody said otherwise. */
function recordOf(
  { id, title, grade, subject, teacher, language }: ChannelConfig,
  aired: AiredBroadcast,
  known: BroadcastRecord | undefined,
): BroadcastRecord {
  const gaps = aired.gaps.map((gap) => ({ ...gap }));
  if (known !== undefined) {
    // A log that was lost knows nothing of what was before it.
    const earlier = known.gaps.filter((gap) => gap.endMs <= aired.startMs);
    return { ...known, endMs: aired.endMs, gaps: [...earlier, ...gaps] };
  }
  return {
    ...{ id: aired.id, channel: id, title, language },
    ...(grade === undefined ? {} : { grade }),
    ...(subject === undefined ? {} : { subject }),
    ...(teacher === undefined ? {} : { teacher }),
    ...{ startMs: aired.startMs, endMs: aired.endMs, gaps, keep: false },
  };
}
