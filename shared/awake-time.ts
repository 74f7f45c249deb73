/** Times this far apart mean that the process did not run in between, milliseconds: SIGSTOP, a paused machine, a laptop that slept. */
const ASLEEP_MS = 500;
/** How often the time is read at least, milliseconds. */
const BEAT_MS = 100;

/**
 * How long this process has been awake: the one place that asks "did I sleep?".
 *
 * Whoever measures for how long somebody else was silent measures it in this time. A process that was stopped has read nothing
 * meanwhile, so what waits in its sockets was sent in time, and nobody was silent. The time is steady: a clock that is set does not
 * move it.
 */
export class AwakeTime {
  readonly #steadyMs: () => number;
  #lastMs: number;
  #asleepMs = 0;
  #isBeating = false;

  /** @param steadyMs a steady clock, milliseconds; for tests */
  constructor(steadyMs: () => number = () => performance.now()) {
    this.#steadyMs = steadyMs;
    this.#lastMs = steadyMs();
  }

  /** Milliseconds awake, counted from no particular moment; may carry a fraction. */
  nowMs(): number {
    const nowMs = this.#steadyMs();
    const gapMs = nowMs - this.#lastMs;
    if (gapMs > ASLEEP_MS) this.#asleepMs += gapMs - BEAT_MS;
    this.#lastMs = nowMs;
    return nowMs - this.#asleepMs;
  }

  /** Reads the time regularly from now on, so that a process that has nothing to do does not count as asleep. */
  start(): void {
    if (this.#isBeating) return;
    this.#isBeating = true;
    // Unref: it alone does not hold up the end of a process.
    setInterval(() => this.nowMs(), BEAT_MS).unref();
  }
}

const ofThisProcess = new AwakeTime();

/** Milliseconds in which this process was awake; see {@link AwakeTime}. */
export function awakeMs(): number {
  ofThisProcess.start();
  return ofThisProcess.nowMs();
}
