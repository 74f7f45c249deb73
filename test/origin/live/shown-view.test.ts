import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CutParts } from '../../../origin/broadcasts/cut-parts.ts';
import { firstShown, shownView } from '../../../origin/live/shown-view.ts';
import type { ChannelView, Run } from '../../../origin/packager/media.ts';
import { videoInit } from '../support/cmaf-init.ts';
import { lesson } from '../support/library-on-stage.ts';

const D = 1600;
const FIRST = 1_000_000;
const at = (segments: number): number => (FIRST + segments) * D;
const INIT = videoInit(360);

const run = (from: number, to: number | null, kind = 'live'): Run => ({
  ...{ id: `${FIRST + from}-${kind}`, state: kind === 'live' ? 'on-air' : 'over', broadcast: 'a' },
  ...{ firstNumber: FIRST + from, startMs: at(from), endMs: to === null ? null : at(to) },
});

/** 20 segments: a class of 10, and the slate behind it; a mark in each segment; the newest segment grows. */
const VIEW: ChannelView = {
  ...{ id: 'hall-7', title: 'Hall 7', language: 'en', partTargetMs: 200, gridUnits: 1, targetDurationS: 2 },
  runs: [run(0, 10), run(10, null, 'slate')],
  marks: Array.from({ length: 20 }, (_, i) => ({
    ...{ id: `m${i}`, kind: 'presence', atMs: at(i) + 100, endMs: null },
  })),
  renditions: [
    {
      ...{ id: '360p', kind: 'video', discontinuitySequence: 0 },
      segments: Array.from({ length: 20 }, (_, i) => ({
        ...{ number: FIRST + i, init: INIT, parts: [], startTicks: 0, durationTicks: 144_000 },
        ...{ closed: i < 19, gap: false, discontinuity: i === 10 },
      })),
    },
  ],
};

describe('a view without what was cut off', () => {
  const table: readonly {
    name: string;
    cut: readonly (readonly [fromMs: number, toMs: number])[];
    gaps: readonly number[];
    runs: readonly (readonly [id: string, fromMs: number, toMs: number | null])[];
    marksOut: readonly number[];
  }[] = [
    {
      name: 'the start of a class',
      cut: [[at(0), at(3)]],
      gaps: [0, 1, 2],
      runs: [
        [`${FIRST + 3}-live`, at(3), at(10)],
        [`${FIRST + 10}-slate`, at(10), null],
      ],
      marksOut: [0, 1, 2],
    },
    {
      name: 'both ends, off the grid: what stands at an edge is shown, and a mark in it is not',
      cut: [
        [at(0), at(2) + 700],
        [at(8) - 50, at(10)],
      ],
      gaps: [0, 1, 8, 9],
      runs: [
        [`${FIRST + 2}-live`, at(2), at(8)],
        [`${FIRST + 10}-slate`, at(10), null],
      ],
      marksOut: [0, 1, 2, 8, 9],
    },
    {
      name: 'all of a class',
      cut: [[at(0), at(10)]],
      gaps: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      runs: [[`${FIRST + 10}-slate`, at(10), null]],
      marksOut: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    },
    {
      name: 'a middle, since another class shows the rest',
      cut: [[at(4), at(6)]],
      gaps: [4, 5],
      runs: [
        [`${FIRST}-live`, at(0), at(4)],
        [`${FIRST + 6}-live`, at(6), at(10)],
        [`${FIRST + 10}-slate`, at(10), null],
      ],
      marksOut: [4, 5],
    },
    {
      name: 'less than a segment',
      cut: [[at(4) + 1, at(5)]],
      gaps: [],
      runs: [
        [`${FIRST}-live`, at(0), at(10)],
        [`${FIRST + 10}-slate`, at(10), null],
      ],
      marksOut: [4],
    },
    {
      name: 'up to what grows, which is never a gap',
      cut: [[at(18), at(20)]],
      gaps: [18],
      runs: [
        [`${FIRST}-live`, at(0), at(10)],
        [`${FIRST + 10}-slate`, at(10), at(18)],
        [`${FIRST + 20}-slate`, at(20), null],
      ],
      marksOut: [18, 19],
    },
  ];
  for (const { name, cut, gaps, runs, marksOut } of table) {
    it(name, () => {
      const shown = shownView(
        VIEW,
        cut.map(([fromMs, toMs]) => ({ fromMs, toMs })),
      );
      assert.deepEqual(
        shown.renditions[0]?.segments.filter(({ gap }) => gap).map(({ number }) => number - FIRST),
        gaps,
      );
      assert.deepEqual(
        shown.runs.map(({ id, startMs, endMs }) => [id, startMs, endMs]),
        runs,
      );
      assert.ok(shown.runs.every(({ firstNumber, startMs }) => firstNumber * D === startMs));
      assert.deepEqual(
        shown.marks.map(({ id }) => Number(id.slice(1))),
        Array.from({ length: 20 }, (_, i) => i).filter((i) => !marksOut.includes(i)),
      );
      // Whoever has it already finds the same segments at the same places.
      const numbers = (view: ChannelView) => view.renditions[0]?.segments.map(({ number }) => number);
      assert.deepEqual(numbers(shown), numbers(VIEW));
      assert.equal(shown.renditions[0]?.segments[10]?.discontinuity, true);
    });
  }

  it('is the view itself where all that was cut is older', () => {
    assert.equal(shownView(VIEW, [{ fromMs: at(-9), toMs: at(0) }]), VIEW);
    assert.equal(shownView(VIEW, []), VIEW);
  });

  it('lists exactly what media answers to everybody, and begins with it', () => {
    const times = fc.integer({ min: at(-2), max: at(22) });
    const cuts = fc.array(fc.tuple(times, times), { maxLength: 5 });
    fc.assert(
      fc.property(cuts, fc.nat(18), (pairs, from) => {
        const deleted = pairs.map(([a, b], i) =>
          lesson(`x${i}`, Math.min(a, b), { endMs: Math.max(a, b), deletedMs: at(30) }),
        );
        const library = { of: () => [], deletedOf: () => deleted, isLoaded: true, isWhole: () => true };
        const parts = new CutParts(library, () => 0);
        const segments = shownView(VIEW, parts.since('hall-7', 0)).renditions[0]?.segments ?? [];
        for (const { number, gap, closed } of segments)
          if (closed) assert.equal(gap, parts.hasSegment('hall-7', number), `segment ${number - FIRST}`);
        const want = Array.from({ length: 60 }, (_, i) => FIRST + from + i).find(
          (number) => !parts.hasSegment('hall-7', number),
        );
        assert.equal(firstShown(FIRST + from, parts.since('hall-7', 0), 1), want);
      }),
    );
  });
});
