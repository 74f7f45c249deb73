/** What a stretch of a channel's time means to those who watch it. */
export const RUN_STATES = ['before', 'on-air', 'interrupted', 'over', 'announcement', 'recorded'] as const;
/** One of {@link RUN_STATES}. */
export type RunState = (typeof RUN_STATES)[number];

/** A stretch on air, from an EXT-X-DATERANGE of class `org.lectern.run` (RFC 8216bis §4.4.5.1). */
export type Run = {
  readonly state: RunState;
  /** UTC milliseconds. */
  readonly startMs: number;
  /** UTC milliseconds; null while it goes on. */
  readonly endMs: number | null;
};

/** After so long a class that is over, or was cut off, is history, in milliseconds; the API says the same. */
const HISTORY_MS = 3_600_000;

/** Tells whether a text is one of {@link RUN_STATES}. */
export function isRunState(text: unknown): text is RunState {
  return RUN_STATES.some((state) => state === text);
}

/**
 * Finds what is on air at a playhead.
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
  // The playlist says it until the next class begins; a student of the next morning waits for that one.
  if (found !== null && isHistory && programTimeMs - found.startMs > HISTORY_MS)
    return { ...found, state: 'before' };
  return found;
}
