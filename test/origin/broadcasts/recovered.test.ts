import assert from 'node:assert/strict';
import { joinRanges, recoveredBy, withRecovered } from '../../../origin/broadcasts/recovered.ts';

type Ranges = readonly (readonly [number, number])[];
const ranges = (pairs: Ranges) => pairs.map(([startMs, endMs]) => ({ startMs, endMs }));

describe('what is left of gaps when media came late', () => {
  const table: {
    name: string;
    gaps: Ranges;
    endMs: number | null;
    recovered: Ranges;
    want: { gaps: Ranges; endMs: number | null };
  }[] = [
    {
      name: 'nothing came',
      gaps: [[1000, 5000]],
      endMs: 9000,
      recovered: [],
      want: { gaps: [[1000, 5000]], endMs: 9000 },
    },
    {
      name: 'all came',
      gaps: [[1000, 5000]],
      endMs: 9000,
      recovered: [[1000, 5000]],
      want: { gaps: [], endMs: 9000 },
    },
    {
      name: 'the beginning came',
      gaps: [[1000, 5000]],
      endMs: 9000,
      recovered: [[600, 2600]],
      want: { gaps: [[2600, 5000]], endMs: 9000 },
    },
    {
      name: 'the middle came, of the second gap',
      gaps: [
        [1000, 2000],
        [4000, 8000],
      ],
      endMs: null,
      recovered: [[5000, 6000]],
      want: {
        gaps: [
          [1000, 2000],
          [4000, 5000],
          [6000, 8000],
        ],
        endMs: null,
      },
    },
    {
      name: 'all but a moment came',
      gaps: [[1000, 5000]],
      endMs: 9000,
      recovered: [[1000, 4950]],
      want: { gaps: [], endMs: 9000 },
    },
    {
      name: 'a short gap stays where other media came',
      gaps: [
        [1000, 1080],
        [4000, 5000],
      ],
      endMs: 9000,
      recovered: [[4000, 5000]],
      want: { gaps: [[1000, 1080]], endMs: 9000 },
    },
    {
      name: 'a stall, its media, and a drop: it ended later than it seemed',
      gaps: [],
      endMs: 5000,
      recovered: [[5000, 8200]],
      want: { gaps: [], endMs: 8200 },
    },
    {
      name: 'what came belongs to another time',
      gaps: [[1000, 5000]],
      endMs: 6000,
      recovered: [[7000, 8000]],
      want: { gaps: [[1000, 5000]], endMs: 6000 },
    },
  ];
  for (const { name, gaps, endMs, recovered, want } of table) {
    it(name, () => {
      assert.deepEqual(withRecovered({ gaps: ranges(gaps), endMs }, ranges(recovered)), {
        gaps: ranges(want.gaps),
        endMs: want.endMs,
      });
    });
  }

  it('ranges that touch are one', () => {
    assert.deepEqual(
      joinRanges(
        ranges([
          [3, 4],
          [1, 2],
          [2, 3],
          [6, 7],
          [1, 1.5],
        ]),
      ),
      ranges([
        [1, 4],
        [6, 7],
      ]),
    );
  });

  const segments: { name: string; units: number; fromMs: number; toMs: number; want: [number, number] }[] = [
    { name: 'a whole one', units: 1, fromMs: 16_000, toMs: 17_600, want: [16_000, 17_600] },
    { name: 'a frame off the grid', units: 1, fromMs: 16_030, toMs: 17_590, want: [16_000, 17_600] },
    { name: 'its beginning alone', units: 1, fromMs: 16_000, toMs: 16_500, want: [16_000, 16_500] },
    { name: 'its end alone', units: 1, fromMs: 16_800, toMs: 17_600, want: [16_800, 17_600] },
    { name: 'up to a late keyframe', units: 2, fromMs: 32_000, toMs: 36_100, want: [32_000, 36_100] },
    { name: 'from a late keyframe on', units: 2, fromMs: 33_000, toMs: 36_000, want: [33_000, 36_000] },
  ];
  for (const { name, units, fromMs, toMs, want } of segments) {
    it(`a segment stands for its time: ${name}`, () => {
      const segment = {
        ...{ number: 10, init: { timescaleHz: 1000 }, startTicks: fromMs },
        durationTicks: toMs - fromMs,
      };
      const { startMs, endMs } = recoveredBy(segment, units);
      assert.deepEqual([startMs, endMs], want);
    });
  }
});
