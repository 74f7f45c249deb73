import { SEGMENT_DURATION_MS } from '../../shared/grid.ts';
import type { BroadcastInfo } from '../channel/broadcast-info.ts';

/** A moment on a seek bar. */
export type BarMark = { readonly id: string; readonly positionMs: number; readonly label: string };

/**
 * The positions of a broadcast's marks in its replay, which leaves out what is trimmed and interruptions.
 *
 * @returns in order of time, milliseconds since the replay's beginning
 */
export function markPositions(
  broadcast: Pick<BroadcastInfo, 'marks' | 'gaps' | 'startMs' | 'endMs' | 'trimStartMs' | 'trimEndMs'>,
): readonly BarMark[] {
  const { marks, gaps, startMs, endMs, trimStartMs, trimEndMs } = broadcast;
  // Replays start with a whole segment.
  const fromMs = Math.floor((trimStartMs ?? startMs) / SEGMENT_DURATION_MS) * SEGMENT_DURATION_MS;
  const toMs = trimEndMs ?? endMs ?? Number.POSITIVE_INFINITY;
  return marks
    .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
    .map(({ id, atMs, label }) => {
      let positionMs = atMs - fromMs;
      for (const gap of gaps) {
        positionMs -= Math.max(0, Math.min(gap.endMs, atMs) - Math.max(gap.startMs, fromMs));
      }
      return { id, positionMs, label };
    });
}
