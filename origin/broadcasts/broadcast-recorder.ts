import { SEGMENT_DURATION_MS } from '../../shared/grid.ts';
import type { LiveChannel } from '../live-channel.ts';
import { type AiredBroadcast, foldRun, foldTime } from './broadcast-fold.ts';

/** Follows the runs of one channel, and tells of its broadcasts as they begin, are interrupted, go on and end. */
export class BroadcastRecorder {
  readonly #live: LiveChannel;
  readonly #tell: (broadcast: AiredBroadcast) => void;
  #open: AiredBroadcast | null = null;
  #newestRun = Number.NEGATIVE_INFINITY;

  /** @param tell called for each that changed; after a restart also for those that the log of runs still knows */
  constructor(live: LiveChannel, tell: (broadcast: AiredBroadcast) => void) {
    this.#live = live;
    this.#tell = tell;
  }

  /** The broadcast on air; null while there is none. */
  get open(): AiredBroadcast | null {
    return this.#open;
  }

  /** Looks for what has changed. To be called after each step of the channel. */
  look(): void {
    const { log } = this.#live.timeline;
    if ((log.last?.firstNumber ?? this.#newestRun) <= this.#newestRun) return;
    for (const run of log.since(this.#newestRun)) {
      if (run.firstNumber <= this.#newestRun) continue;
      this.#newestRun = run.firstNumber;
      this.#take(foldRun(this.#open, run));
    }
  }

  /** Lets time pass. To be called now and then. */
  tick(nowMs: number): void {
    this.#take(foldTime(this.#open, Math.floor(nowMs / SEGMENT_DURATION_MS) * SEGMENT_DURATION_MS));
  }

  #take({ open, changed }: ReturnType<typeof foldRun>): void {
    this.#open = open;
    for (const broadcast of changed) this.#tell(broadcast);
  }
}
