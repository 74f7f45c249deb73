import { SEGMENT_DURATION_MS } from '../../shared/grid.ts';
import type { LiveChannel } from '../live/live-channel.ts';
import type { Run } from '../packager/media.ts';
import { type AiredBroadcast, type FoldStep, foldRun, foldTime } from './broadcast-fold.ts';

/** What a follower works with. */
export type RunFollowerDeps = {
  readonly live: LiveChannel;
  /**
   * Called for each broadcast that changed; after a restart also for those that are still in the log of runs.
   *
   * @param isEndSeen false when its end is only the time at which this process found it off air: it may have ended long before
   */
  onChange(broadcast: AiredBroadcast, isEndSeen: boolean): void;
  /** The broadcast that is continued by a log that begins in the middle of one; null when the log begins with a new one. */
  resume(run: Run): AiredBroadcast | null;
  /** End of a broadcast according to the library, UTC milliseconds; null while it has none. */
  endOf(id: string): number | null;
};

/** Follows the runs of one channel, and reports its broadcasts as they begin, are interrupted, continue and end. */
export class RunFollower {
  readonly #deps: RunFollowerDeps;
  /** The newest run that an earlier process left. */
  readonly #inherited: number;
  /** The first run of this process, once there is one. */
  #firstOwn: number | null = null;
  #blindMs: number | null = null;
  #open: AiredBroadcast | null = null;
  #newestRun = Number.NEGATIVE_INFINITY;

  /** To be created before the channel's first step. */
  constructor(deps: RunFollowerDeps) {
    this.#deps = deps;
    this.#inherited = deps.live.runs.last?.firstNumber ?? Number.NEGATIVE_INFINITY;
  }

  /** The broadcast on air; null while there is none. */
  get open(): AiredBroadcast | null {
    return this.#open;
  }

  /** When this process began to see the channel, if the log of runs ended with an open broadcast; else null. */
  get blindMs(): number | null {
    return this.#blindMs;
  }

  /** Reports what has changed. To be called after each step of the channel. */
  update(): void {
    const log = this.#deps.live.runs;
    if ((log.last?.firstNumber ?? this.#newestRun) <= this.#newestRun) return;
    // A broadcast of many old runs is reported once, as it is after the last of them.
    const changed = new Map<string, AiredBroadcast>();
    for (const run of log.since(this.#newestRun)) {
      if (run.firstNumber <= this.#newestRun) continue;
      const isFirst = this.#newestRun === Number.NEGATIVE_INFINITY;
      if (isFirst && log.isDiscontinuity(run.firstNumber)) this.#open = this.#deps.resume(run);
      this.#newestRun = run.firstNumber;
      if (this.#isBlindBefore(run)) this.#closeAsKnown(run.startMs, changed);
      const step = foldRun(this.#open, run);
      this.#open = step.open;
      for (const broadcast of step.changed) changed.set(broadcast.id, broadcast);
    }
    this.#report([...changed.values()]);
  }

  /** Reports what time alone has changed. To be called periodically. */
  tick(nowMs: number): void {
    const gridMs = Math.floor(nowMs / SEGMENT_DURATION_MS) * SEGMENT_DURATION_MS;
    const { open, changed }: FoldStep = foldTime(this.#open, gridMs);
    this.#open = open;
    this.#report(changed);
  }

  /** Reads the whole log again: the library has been read meanwhile. */
  reread(): void {
    this.#open = null;
    this.#newestRun = Number.NEGATIVE_INFINITY;
    this.update();
  }

  /** Whether a run is this process's first, and follows a time in which it did not see the channel. */
  #isBlindBefore(run: Run): boolean {
    if (run.firstNumber <= this.#inherited) return false;
    if (this.#firstOwn === null) {
      this.#firstOwn = run.firstNumber;
      const isSeen = this.#deps.live.feedAt(run.firstNumber - 1) !== null;
      if (!isSeen) this.#blindMs = run.startMs;
    }
    return this.#blindMs !== null && run.firstNumber === this.#firstOwn;
  }

  #closeAsKnown(beforeMs: number, changed: Map<string, AiredBroadcast>): void {
    if (this.#open === null) return;
    const endMs = this.#deps.endOf(this.#open.id);
    if (endMs === null || endMs > beforeMs) return;
    changed.delete(this.#open.id);
    this.#open = null;
  }

  #report(changed: readonly AiredBroadcast[]): void {
    for (const broadcast of changed) {
      this.#deps.onChange(broadcast, (broadcast.endMs ?? broadcast.downSinceMs) !== this.#blindMs);
    }
  }
}
