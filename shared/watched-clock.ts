import { awakeMs } from './awake-time.ts';
import type { Clock } from './clock.ts';

/** UTC and time awake may drift apart by this much between two reads: clocks are slewed, and round differently. Milliseconds. */
const DRIFT_MS = 100;

/**
 * A clock that says when UTC has moved on without this process: it slept, or the clock was set, forward or back. Those who compare
 * times of this clock move them by as much, before anybody gets the new time.
 */
export class WatchedClock implements Clock {
  readonly #clock: Clock;
  readonly #awakeMs: () => number;
  readonly #listeners = new Set<(missedMs: number) => void>();
  #last: { readonly utcMs: number; readonly awakeMs: number };

  /** @param awake time in which this process was awake, milliseconds; for tests */
  constructor(clock: Clock, awake: () => number = awakeMs) {
    this.#clock = clock;
    this.#awakeMs = awake;
    this.#last = { utcMs: clock.nowMs(), awakeMs: awake() };
  }

  nowMs(): number {
    const now = { utcMs: this.#clock.nowMs(), awakeMs: this.#awakeMs() };
    const missedMs = now.utcMs - this.#last.utcMs - (now.awakeMs - this.#last.awakeMs);
    this.#last = now;
    if (Math.abs(missedMs) > DRIFT_MS) for (const listener of this.#listeners) listener(missedMs);
    return now.utcMs;
  }

  onMissed(listener: (missedMs: number) => void): void {
    this.#listeners.add(listener);
  }
}
