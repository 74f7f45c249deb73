import { deepEqual } from 'node:assert/strict';
import { markPositions } from '../../../player/timeshift/mark-positions.ts';

const START_MS = 1_600_000;
const mark = (atMs: number) => ({ id: `k${atMs - START_MS}`, atMs, label: 'Who is here?' });
const broadcast = (change: Partial<Parameters<typeof markPositions>[0]>) => ({
  ...{ startMs: START_MS, endMs: START_MS + 600_000, trimStartMs: null, trimEndMs: null },
  ...{ gaps: [], marks: [mark(START_MS + 60_000), mark(START_MS + 300_000)] },
  ...change,
});

describe('where the roll was called, on the seek bar of a replay', () => {
  for (const { name, change, want } of [
    { name: 'as far from the beginning as in the class', change: {}, want: [60_000, 300_000] },
    {
      name: 'less what the line was down for before it',
      change: { gaps: [{ startMs: START_MS + 100_000, endMs: START_MS + 140_000 }] },
      want: [60_000, 260_000],
    },
    {
      name: 'less what is trimmed, to the segment that the replay begins with',
      change: { trimStartMs: START_MS + 20_000 },
      want: [60_000 - 19_200, 300_000 - 19_200],
    },
    { name: 'not at all, before the trim', change: { trimStartMs: START_MS + 120_000 }, want: [180_000] },
    { name: 'not at all, behind it', change: { trimEndMs: START_MS + 120_000 }, want: [60_000] },
  ]) {
    it(name, () => {
      deepEqual(
        markPositions(broadcast(change)).map(({ positionMs }) => positionMs),
        want,
      );
    });
  }
});
