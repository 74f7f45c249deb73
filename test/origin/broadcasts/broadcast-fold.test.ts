import assert from 'node:assert/strict';
import {
  type AiredBroadcast,
  COMES_BACK_MS,
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
  ...{ id, startMs, endMs, downSinceMs: null },
  gaps: gaps.map(([from, to]) => ({ startMs: from, endMs: to })),
});

describe('broadcasts of a channel', () => {
  const late = 16_000 + COMES_BACK_MS + 1600;
  const table: { name: string; steps: Step[]; want: ReturnType<typeof aired>[]; open?: string | null }[] = [
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
      name: 'an announcement is a gap',
      steps: [
        [0, 'on-air', 'a'],
        [8000, 'announcement', 'e'],
        [16_000, 'on-air', 'a'],
        [32_000, 'over'],
      ],
      want: [aired('a', 0, 32_000, [[8000, 16_000]])],
    },
    {
      name: 'a teacher who stays away ended her class when her line dropped',
      steps: [[0, 'on-air', 'a'], [16_000, 'interrupted'], [late]],
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
      steps: [[0, 'on-air', 'a'], [LONGEST_MS - 1600], [LONGEST_MS]],
      want: [aired('a', 0, LONGEST_MS), aired(`a-${LONGEST_MS}`, LONGEST_MS, null)],
      open: `a-${LONGEST_MS}`,
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
});
