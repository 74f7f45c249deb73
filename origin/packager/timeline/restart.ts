import { segmentNumberAt } from '../../../shared/grid.ts';
import { SLATE } from '../feed/slate-feed.ts';
import type { Candidate } from '../splicer/splicer.ts';
import { feedKindOf, type LoggedRun, type RunLog } from './run-log.ts';

/** How long a restarted origin waits for the feed that was on air, in milliseconds. */
const REUNION_MS = 5000;

/**
 * What a channel does about the time before its process began. Segments of that time may have been listed, so they show
 * what the log of runs says or nothing. The feed that was on air is awaited for 5 s, since its uplink sends the last 30 s
 * again; if it stays away, the channel goes on behind all that may have been listed.
 */
export class Restart {
  /** The first segment that was not decided before this process began. */
  readonly startNumber: number;
  readonly #startMs: number;
  readonly #gridUnits: number;
  readonly #log: RunLog;

  /**
   * @param startMs when this process began to serve the channel, UTC milliseconds
   * @param log the runs, those from before the restart among them
   */
  constructor(startMs: number, gridUnits: number, log: RunLog) {
    this.#startMs = startMs;
    this.#gridUnits = gridUnits;
    this.#log = log;
    this.startNumber = segmentNumberAt(startMs, gridUnits);
  }

  /** The run that had a segment before the restart; undefined where the log has none, or where there was no restart yet. */
  loggedRun(number: number): LoggedRun | undefined {
    return number < this.startNumber ? this.#log.at(number) : undefined;
  }

  /**
   * The feed that was on air, as a candidate that is alive and about to deliver.
   *
   * @param known candidates of the feeds that are here
   * @param priorityOf by kind of feed
   * @returns null once it is here or was awaited for long enough, and where it was the slate
   */
  awaited(
    number: number,
    nowMs: number,
    known: readonly Candidate[],
    priorityOf: (kind: string) => number | undefined,
  ): Candidate | null {
    const run = number < this.startNumber ? this.#log.at(number) : this.#log.last;
    if (run === undefined || run.group === SLATE || nowMs >= this.#startMs + REUNION_MS) return null;
    if (known.some(({ group }) => group === run.group)) return null;
    const priority = priorityOf(feedKindOf(run.group)) ?? 0;
    return { id: '', group: run.group, priority, alive: true, connected: true, coverage: 'may' };
  }

  /**
   * Where to go on when a segment of before the restart cannot be shown. The segment that was open then may be in caches
   * half-finished, so the channel goes on where nothing was ever listed.
   *
   * @param number the segment that cannot be shown
   * @param isFeedBack the feed that was on air is here, and only this segment of it is lost
   */
  resumeNumber(number: number, isFeedBack: boolean, nowMs: number): number {
    if (isFeedBack) return number + 1;
    const listedUntilMs = Math.min(nowMs, this.#startMs + REUNION_MS);
    return Math.max(number + 1, segmentNumberAt(listedUntilMs, this.#gridUnits));
  }
}
