import { segmentStartMs } from '../../../shared/grid.ts';
import type { Run, RunState } from '../media.ts';

/** A run as it is stored over restarts. */
export type LoggedRun = {
  readonly firstNumber: number;
  /** Group of the feed: `kind` or `kind.broadcast`, and `#n` after its n-th change of encoding. */
  readonly group: string;
  readonly broadcast: string;
  readonly state: RunState;
};

/** What is stored over a restart, so that discontinuities are counted on. */
export type RunLogSnapshot = {
  /** Discontinuities before the first of `runs`. */
  readonly base: number;
  readonly runs: readonly LoggedRun[];
};

const RETAINED_RUNS = 64;

/**
 * Discards a log that lies where the channel will not be for years: it was written on another grid (the ladder was
 * transcode, and is passthrough now), or by a clock that was wrong.
 *
 * @param newestNumber no run can begin behind this segment yet
 * @returns the log, or null
 */
export function plausible(snapshot: RunLogSnapshot | null, newestNumber: number): RunLogSnapshot | null {
  const newest = snapshot?.runs.at(-1)?.firstNumber ?? 0;
  return newest > newestNumber ? null : snapshot;
}

/** The kind of feed that a group belongs to: `live` of `live.b1#2`. */
export function feedKindOf(group: string): string {
  return group.split(/[.#]/, 1)[0] ?? '';
}

/**
 * The runs of a channel, oldest first: what was on air since when. Each but the first begins with a discontinuity, so a
 * run's place in the log is its discontinuity number, and that number must survive restarts (RFC 8216bis §4.4.3.3).
 */
export class RunLog {
  #base: number;
  readonly #runs: LoggedRun[];
  readonly #gridUnits: number;

  /** @param snapshot what was stored; null at the first start ever */
  constructor(gridUnits: number, snapshot: RunLogSnapshot | null) {
    this.#gridUnits = gridUnits;
    this.#base = snapshot?.base ?? 0;
    this.#runs = [...(snapshot?.runs ?? [])];
  }

  /** The newest run; undefined before anything was on air. */
  get last(): LoggedRun | undefined {
    return this.#runs.at(-1);
  }

  /** All runs that are retained, oldest first; borrowed. */
  get all(): readonly LoggedRun[] {
    return this.#runs;
  }

  /** The run that holds a segment; undefined before the first. */
  at(number: number): LoggedRun | undefined {
    return this.#runs.findLast((run) => run.firstNumber <= number);
  }

  /** Discontinuity number of a segment: how many discontinuities lie at or before it. */
  discontinuityNumber(number: number): number {
    const index = this.#runs.findLastIndex((run) => run.firstNumber <= number);
    return this.#base + Math.max(index, 0);
  }

  /** Tells whether a segment is the first of a run that follows another one. */
  isDiscontinuity(number: number): boolean {
    const index = this.#runs.findIndex((run) => run.firstNumber === number);
    return index > 0 || (index === 0 && this.#base > 0);
  }

  /**
   * Begins a run.
   *
   * @param run its firstNumber lies after that of the newest run
   */
  begin(run: LoggedRun): void {
    this.#runs.push(run);
    if (this.#runs.length > RETAINED_RUNS) {
      this.#runs.shift();
      this.#base += 1;
    }
  }

  /**
   * The runs that touch a range of segments, for playlists and manifests.
   *
   * @param firstNumber first segment of the range
   */
  since(firstNumber: number): Run[] {
    const from = Math.max(
      this.#runs.findLastIndex((run) => run.firstNumber <= firstNumber),
      0,
    );
    return this.#runs.slice(from).map((run, offset) => {
      const next = this.#runs[from + offset + 1];
      return {
        id: `${run.firstNumber}-${feedKindOf(run.group)}`,
        state: run.state,
        broadcast: run.broadcast,
        firstNumber: run.firstNumber,
        startMs: segmentStartMs(run.firstNumber, this.#gridUnits),
        endMs: next === undefined ? null : segmentStartMs(next.firstNumber, this.#gridUnits),
      };
    });
  }

  /** What is to be stored; plain data. */
  snapshot(): RunLogSnapshot {
    return { base: this.#base, runs: [...this.#runs] };
  }
}
