import { type BroadcastRecord, replayRange } from './broadcast-record.ts';

/**
 * A broadcast as those see it who may not edit it: it begins and ends where its replay does, and nothing tells of what was cut off.
 *
 * @returns the record itself where nothing was cut, and while it is on air
 */
export function shownBroadcast(broadcast: BroadcastRecord): BroadcastRecord {
  const { trimStartMs, trimEndMs, ...rest } = broadcast;
  const range = replayRange(broadcast);
  if (range === null || (trimStartMs === undefined && trimEndMs === undefined)) return broadcast;
  const { fromMs, toMs } = range;
  return {
    ...rest,
    ...{ startMs: fromMs, endMs: toMs },
    gaps: broadcast.gaps
      .filter((gap) => gap.endMs > fromMs && gap.startMs < toMs)
      .map((gap) => ({ startMs: Math.max(gap.startMs, fromMs), endMs: Math.min(gap.endMs, toMs) })),
    ...(broadcast.marks === undefined
      ? {}
      : { marks: broadcast.marks.filter(({ atMs }) => atMs >= fromMs && atMs < toMs) }),
  };
}
