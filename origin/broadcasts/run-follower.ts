import { SEGMENT_DURATION_MS } from '../../shared/grid.ts';
import type { LiveChannel } from '../live/live-channel.ts';
import type { Run } from '../packager/media.ts';
import { type AiredBroadcast, type FoldStep, foldRun, foldTime } from './broadcast-fold.ts';

/** What a recorder asks of those around it. */
export type RunFollowerDeps = {
  readonly live: LiveChannel;
  /**
   * Called for each that changed; after a restart also for those that the log of runs still knows.
   *
   * @param isEndSeen false where its end, so far, is only when this process found it gone: it may have been gone for long
   */
  tell(broadcast: AiredBroadcast, isEndSeen: boolean): void;
  /** The broadcast that a log goes on with which begins in the middle of one; null where it begins with one. */
  recall(run: Run): AiredBroadcast | null;
  /** When the library says that a broadcast was over, UTC milliseconds; null while it does not. */
  endOf(id: string): number | null;
};

/** Follows the runs of one channel, and tells of its broadcasts as they begin, are interrupted, go on and end. */
export class RunFollower {
  readonly #deps: RunFollowerDeps;
  /** The newest run that an earlier process left. */
  readonly #inherited: number;
  /** The first run of this process, once there is one. */
  #firstOwn: number | null = null;
  #blindMs: number | null = null;
  #open: AiredBroadcast | null = null;
  #newestRun = Number.NEGATIVE_INFINITY;

  /** To be made before the channel's first step. */
  constructor(deps: RunFollowerDeps) {
    this.#deps = deps;
    this.#inherited = deps.live.runs.last?.firstNumber ?? Number.NEGATIVE_INFINITY;
  }

  /** The broadcast on air; null while there is none. */
  get open(): AiredBroadcast | null {
    return this.#open;
  }

  /** When this process began to see the channel, where it did not see what the log of runs left open; else null. */
  get blindMs(): number | null {
    return this.#blindMs;
  }

  /** Looks for what has changed. To be called after each step of the channel. */
  update(): void {
    const log = this.#deps.live.runs;
    if ((log.last?.firstNumber ?? this.#newestRun) <= this.#newestRun) return;
    // What the runs of long ago say of a broadcast is told once, as it is after all of them.
    const changed = new Map<string, AiredBroadcast>();
    for (const run of log.since(this.#newestRun)) {
      if (run.firstNumber <= this.#newestRun) continue;
      const isFirst = this.#newestRun === Number.NEGATIVE_INFINITY;
      if (isFirst && log.isDiscontinuity(run.firstNumber)) this.#open = this.#deps.recall(run);
      this.#newestRun = run.firstNumber;
      if (this.#isBlindBefore(run)) this.#closeAsKnown(run.startMs, changed);
      const step = foldRun(this.#open, run);
      this.#open = step.open;
      for (const broadcast of step.changed) changed.set(broadcast.id, broadcast);
    }
    this.#tell([...changed.values()]);
  }

  /** Lets time pass. To be called now and then. */
  tick(nowMs: number): void {
    const gridMs = Math.floor(nowMs / SEGMENT_DURATION_MS) * SEGMENT_DURATION_MS;
    const { open, changed }: FoldStep = foldTime(this.#open, gridMs);
    this.#open = open;
    this.#tell(changed);
  }

  /** Reads the whole log once more: the library knows by now what it did not. */
  reread(): void {
    this.#open = null;
    this.#newestRun = Number.NEGATIVE_INFINITY;
    this.update();
  }

  /** A run of this process that follows a time that it did not see. */
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

  #tell(changed: readonly AiredBroadcast[]): void {
    for (const broadcast of changed) {
      this.#deps.tell(broadcast, (broadcast.endMs ?? broadcast.downSinceMs) !== this.#blindMs);
    }
  }
}
