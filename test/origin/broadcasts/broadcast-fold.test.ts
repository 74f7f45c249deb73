import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type AiredBroadcast,
  RECONNECT_MS,
  DECIDED_MS,
  type FoldStep,
  foldRun,
  foldTime,
  LONGEST_MS,
} from '../../../origin/broadcasts/broadcast-fold.ts';
import type { Run, RunState } from '../../../origin/packager/media.ts';

/** A step of a channel: a run that begins, or a time that has passed. */
type Step = readonly [atMs: number, state: RunState, broadcast?: string] | readonly [atMs: number];

function run(startMs: number, state: RunState, broadcast = ''): Run {
  return { id: `${startMs}`, state, broadcast, firstNumber: startMs / 1600, startMs, endMs: null };
}

/** Every broadcast as it stood when it was last told of, and which one is open. */
function fold(steps: readonly Step[]): { all: AiredBroadcast[]; open: string | null } {
  let open: AiredBroadcast | null = null;
  const all = new Map<string, AiredBroadcast>();
  for (const [atMs, state, broadcast] of steps) {
    const step: FoldStep =
      state === undefined ? foldTime(open, atMs) : foldRun(open, run(atMs, state, broadcast));
    open = step.open;
    for (const changed of step.changed) all.set(changed.id, changed);
  }
  return { all: [...all.values()], open: open?.id ?? null };
}

const aired = (id: string, startMs: number, endMs: number | null, gaps: [number, number][] = []) => ({
  ...{ id, startMs, endMs, downSinceMs: null, silentSinceMs: null },
  gaps: gaps.map(([from, to]) => ({ startMs: from, endMs: to })),
});

describe('broadcasts of a channel', () => {
  const late = 16_000 + RECONNECT_MS + 1600;
  const table: { name: string; steps: Step[]; want: AiredBroadcast[]; open?: string | null }[] = [
    {
      name: 'a class that is ended by its teacher',
      steps: [
        [0, 'before'],
        [1600, 'on-air', 'a'],
        [16_000, 'over'],
      ],
      want: [aired('a', 1600, 16_000)],
    },
    {
      name: 'a class on air has no end yet',
      steps: [[1600, 'on-air', 'a'], [900_000]],
      want: [aired('a', 1600, null)],
      open: 'a',
    },
    {
      name: 'a line that drops and comes back is one class with a gap',
      steps: [
        [0, 'on-air', 'a'],
        [8000, 'interrupted'],
        [16_000, 'on-air', 'b'],
        [32_000, 'over'],
      ],
      want: [aired('a', 0, 32_000, [[8000, 16_000]])],
    },
    {
      name: 'a reconnect without a segment of slate is one class without a gap',
      steps: [
        [0, 'on-air', 'a'],
        [8000, 'on-air', 'b'],
        [32_000, 'over'],
      ],
      want: [aired('a', 0, 32_000)],
    },
    {
      name: 'an announcement is kept with the class, so it is no gap',
      steps: [
        [0, 'on-air', 'a'],
        [8000, 'announcement', 'e'],
        [16_000, 'on-air', 'a'],
        [32_000, 'over'],
      ],
      want: [aired('a', 0, 32_000)],
    },
    {
      name: 'an announcement into an interruption ends the gap',
      steps: [
        [0, 'on-air', 'a'],
        [4800, 'interrupted'],
        [8000, 'announcement', 'e'],
        [12_800, 'interrupted'],
        [16_000, 'on-air', 'b'],
        [32_000, 'over'],
      ],
      want: [
        aired('a', 0, 32_000, [
          [4800, 8000],
          [12_800, 16_000],
        ]),
      ],
    },
    {
      name: 'a class goes on behind an announcement, however long it was',
      steps: [
        [0, 'on-air', 'a'],
        [8000, 'announcement', 'e'],
        [1_600_000],
        [1_600_000, 'on-air', 'a'],
        [1_632_000, 'over'],
      ],
      want: [aired('a', 0, 1_632_000)],
    },
    {
      name: 'an announcement that nothing follows is not of the class, nor are gaps around it',
      steps: [
        [0, 'on-air', 'a'],
        [8000, 'interrupted'],
        [9600, 'announcement', 'e'],
        [16_000, 'before'],
      ],
      want: [aired('a', 0, 8000)],
    },
    {
      name: 'a teacher who stays away ended her class when her line dropped',
      steps: [[0, 'on-air', 'a'], [16_000, 'interrupted'], [late], [late + DECIDED_MS]],
      want: [aired('a', 0, 16_000)],
    },
    {
      name: 'and begins another one when she comes after that',
      steps: [
        [0, 'on-air', 'a'],
        [16_000, 'interrupted'],
        [late, 'on-air', 'b'],
      ],
      want: [aired('a', 0, 16_000), aired('b', late, null)],
      open: 'b',
    },
    {
      name: 'two classes one after the other',
      steps: [
        [0, 'on-air', 'a'],
        [16_000, 'over'],
        [32_000, 'on-air', 'b'],
        [48_000, 'over'],
      ],
      want: [aired('a', 0, 16_000), aired('b', 32_000, 48_000)],
    },
    {
      name: 'a recorded lesson ends a class and is none',
      steps: [
        [0, 'on-air', 'a'],
        [16_000, 'recorded', 'r'],
      ],
      want: [aired('a', 0, 16_000)],
    },
    {
      name: 'a channel that never ends is cut, so that it can be replayed',
      steps: [[0, 'on-air', 'a'], [LONGEST_MS - 1600], [LONGEST_MS + DECIDED_MS]],
      want: [aired('a', 0, LONGEST_MS), aired(`a-${LONGEST_MS}`, LONGEST_MS, null)],
      open: `a-${LONGEST_MS}`,
    },
    {
      name: 'a channel that never ends is cut in the same places by a log that is read later',
      steps: [[0, 'on-air', 'a'], [1.75 * LONGEST_MS, 'interrupted'], [1.75 * LONGEST_MS + 3200]],
      want: [
        aired('a', 0, LONGEST_MS),
        {
          ...aired(`a-${LONGEST_MS}`, LONGEST_MS, null),
          ...{ downSinceMs: 1.75 * LONGEST_MS, silentSinceMs: 1.75 * LONGEST_MS },
        },
      ],
      open: `a-${LONGEST_MS}`,
    },
    {
      name: 'a class that is ended where it would be cut is one',
      steps: [
        [0, 'on-air', 'a'],
        [LONGEST_MS, 'over'],
      ],
      want: [aired('a', 0, LONGEST_MS)],
    },
    {
      name: 'a class that is down where it would be cut is cut where it comes back',
      steps: [
        [0, 'on-air', 'a'],
        [LONGEST_MS - 1600, 'interrupted'],
        [LONGEST_MS + 1600],
        [LONGEST_MS + 3200, 'on-air', 'b'],
      ],
      want: [aired('a', 0, LONGEST_MS - 1600), aired(`a-${LONGEST_MS + 3200}`, LONGEST_MS + 3200, null)],
      open: `a-${LONGEST_MS + 3200}`,
    },
    {
      name: 'an encoder that names no broadcast is known by its time',
      steps: [
        [1600, 'on-air', ''],
        [16_000, 'over'],
      ],
      want: [aired('1600', 1600, 16_000)],
    },
  ];
  for (const { name, steps, want, open = null } of table) {
    it(name, () => {
      const told = fold(steps);
      assert.deepEqual(told.all, want);
      assert.equal(told.open, open);
    });
  }

  it('are the same whether time passed between the runs or not', () => {
    const state = fc.constantFrom<RunState>('on-air', 'on-air', 'interrupted', 'announcement', 'over');
    const runs = fc.array(fc.tuple(fc.integer({ min: 1, max: 30_000 }), state), { maxLength: 12 });
    fc.assert(
      fc.property(runs, fc.integer({ min: 100, max: 4000 }), (lengths, everyUnits) => {
        let atMs = 0;
        const steps = lengths.map(([units, state], i): Step => {
          atMs += units * 1600;
          return [atMs, state, `b${i}`];
        });
        const ticks = Array.from(
          { length: Math.floor(atMs / 1600 / everyUnits) },
          (_, i): Step => [(i + 1) * everyUnits * 1600],
        );
        const live = [...ticks, ...steps].toSorted((a, b) => a[0] - b[0]);
        assert.deepEqual(fold(live), fold(steps));
      }),
    );
  });
});
