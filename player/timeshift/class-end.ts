import type { Run } from '../playback/run-at.ts';

/**
 * When the class ended that is watched from its start, by the runs of the playlist.
 *
 * @param startMs when it began, UTC milliseconds
 * @returns UTC milliseconds; null while it continues. An interruption is not its end.
 */
export function classEndMs(runs: readonly Run[], startMs: number): number | null {
  const ends = runs
    .filter(({ state, startMs: beganMs }) => state === 'over' && beganMs > startMs)
    .map(({ startMs: beganMs }) => beganMs);
  return ends.length === 0 ? null : Math.min(...ends);
}
