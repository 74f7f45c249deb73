/** The states of a run. */
export const RUN_STATES = ['before', 'on-air', 'interrupted', 'over', 'announcement', 'recorded'] as const;
/** One of {@link RUN_STATES}. */
export type RunState = (typeof RUN_STATES)[number];

/** A run, from an EXT-X-DATERANGE of class `org.lectern.run` (RFC 8216bis §4.4.5.1). */
export type Run = {
  readonly state: RunState;
  /** UTC milliseconds. */
  readonly startMs: number;
  /** UTC milliseconds; null while it continues. */
  readonly endMs: number | null;
};

/** After this long a class that is over or interrupted counts as history, in milliseconds; the API agrees. */
const HISTORY_MS = 3_600_000;

/** Tells whether a text is one of {@link RUN_STATES}. */
export function isRunState(text: unknown): text is RunState {
  return RUN_STATES.some((state) => state === text);
}

/**
 * Finds the run at a playhead.
 *
 * @param runs in any order; where two overlap the later start wins
 * @param programTimeMs the playhead's program date time, UTC milliseconds
 * @returns the run, or null when none covers that time
 */
export function runAt(runs: readonly Run[], programTimeMs: number): Run | null {
  let found: Run | null = null;
  for (const run of runs) {
    const covers = run.startMs <= programTimeMs && (run.endMs === null || programTimeMs < run.endMs);
    if (covers && (found === null || run.startMs >= found.startMs)) found = run;
  }
  const isHistory = found?.state === 'over' || found?.state === 'interrupted';
  // The run lasts until the next class starts; a student of the next morning waits for that one.
  if (found !== null && isHistory && programTimeMs - found.startMs > HISTORY_MS)
    return { ...found, state: 'before' };
  return found;
}
