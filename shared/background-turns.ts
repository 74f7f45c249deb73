/** What nobody at the live edge waits for, with its share of the time where several kinds wait. */
export const TURN_SHARES = { 'start-over': 8, replay: 4, download: 2, library: 1 } as const;
/** One of {@link TURN_SHARES}. */
export type TurnKind = keyof typeof TURN_SHARES;

/** What the turns are made of; tests have their own. */
export type TurnsDeps = {
  /** Calls back when everything that is ready by then has been answered: `setImmediate`. */
  readonly schedule: (turn: () => void) => void;
  /** A steady clock, milliseconds. */
  readonly nowMs: () => number;
};

/** Runs one step; true when the job is done. */
type Job = () => boolean;
type Line = { readonly share: number; readonly jobs: Job[]; spentMs: number };

/** Bounds of the time after which a turn begins no further step, milliseconds. The step that is under way ends. */
const LEAST_MS = 1;
const MOST_MS = 5;
/** Between these bounds it is so much of the time that everything else took since the last turn. */
const SHARE_OF_OTHERS = 0.5;

/**
 * Divides background work of this process into short turns, between which requests are answered. A turn runs one step, and more
 * until half the time has passed that everything else took since the last turn: 1 ms at least, 5 ms at most. So it lasts at most
 * one step longer than that. However many jobs there are, they share these turns.
 */
export class BackgroundTurns {
  readonly #deps: TurnsDeps;
  readonly #lines = new Map<TurnKind, Line>();
  #isScheduled = false;
  /** The most that a line had spent of its share when it was served: where a line that was empty begins. */
  #servedMs = 0;
  #endedMs = Number.NEGATIVE_INFINITY;

  constructor(deps: TurnsDeps) {
    this.#deps = deps;
  }

  /** How many jobs wait or are under way. */
  count(kind: TurnKind): number {
    return this.#lines.get(kind)?.jobs.length ?? 0;
  }

  /**
   * Runs work of a few milliseconds at most in one of the next turns.
   *
   * @returns its result
   * @throws what it throws
   */
  run<T>(kind: TurnKind, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#add(kind, () => {
        try {
          resolve(work());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
        return true;
      });
    });
  }

  /**
   * Runs long work step by step, in as many turns as it needs.
   *
   * @param steps yields after each step, of a millisecond or less
   * @returns what it returns
   * @throws what it throws
   */
  runSteps<T>(kind: TurnKind, steps: Iterator<void, T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#add(kind, () => {
        try {
          const step = steps.next();
          if (step.done !== true) return false;
          resolve(step.value);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
        return true;
      });
    });
  }

  #add(kind: TurnKind, job: Job): void {
    let line = this.#lines.get(kind);
    if (line === undefined) {
      line = { share: TURN_SHARES[kind], jobs: [], spentMs: 0 };
      this.#lines.set(kind, line);
    }
    // A line that was empty has no claim on the time that others had meanwhile.
    if (line.jobs.length === 0) line.spentMs = Math.max(line.spentMs, this.#servedMs);
    line.jobs.push(job);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#endedMs = this.#deps.nowMs();
    this.#deps.schedule(() => this.#turn());
  }

  #turn(): void {
    const { nowMs, schedule } = this.#deps;
    const beganMs = nowMs();
    const othersMs = beganMs - this.#endedMs;
    const untilMs = beganMs + Math.min(MOST_MS, Math.max(LEAST_MS, othersMs * SHARE_OF_OTHERS));
    let atMs = beganMs;
    do {
      const line = this.#next();
      const job = line?.jobs.shift();
      if (line === undefined || job === undefined) {
        this.#isScheduled = false;
        return;
      }
      // Several jobs of a kind take steps in turn.
      if (!job()) line.jobs.push(job);
      this.#servedMs = Math.max(this.#servedMs, line.spentMs);
      const stepMs = nowMs() - atMs;
      atMs += stepMs;
      line.spentMs += stepMs / line.share;
    } while (atMs < untilMs);
    this.#endedMs = atMs;
    schedule(() => this.#turn());
  }

  /** The line that has had the least of its share. */
  #next(): Line | undefined {
    let next: Line | undefined;
    for (const line of this.#lines.values()) {
      if (line.jobs.length > 0 && (next === undefined || line.spentMs < next.spentMs)) next = line;
    }
    return next;
  }
}

/** The turns of this process. */
export const backgroundTurns = new BackgroundTurns({
  schedule: setImmediate,
  nowMs: () => performance.now(),
});
