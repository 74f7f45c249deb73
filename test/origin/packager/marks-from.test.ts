import assert from 'node:assert/strict';
import { askedUntilMs, liveMarks, marksFrom } from '../../../origin/packager/marks-from.ts';
import type { Mark } from '../../../origin/packager/media.ts';

const mark = (atMs: number, change: Partial<Mark> = {}): Mark => ({
  ...{ id: `m${atMs}`, kind: 'presence', atMs, endMs: null },
  ...change,
});
const ask = (windowEndMs: number, ...changes: { endMs: number; reopens: boolean }[]) => ({
  ask: { text: 'eyJ9', windowEndMs, changes },
});

describe('the marks from a segment on', () => {
  it('begin with one at the very beginning of the segment, and ask nothing', () => {
    const marks = [mark(159_999), mark(160_000, ask(170_000)), mark(170_000)];
    assert.deepEqual(marksFrom(marks, 100, 1), [mark(160_000), mark(170_000)]);
  });

  for (const { name, of, want } of [
    { name: 'in the window', of: mark(160_000), want: true },
    { name: 'before it that are not asked', of: mark(159_999), want: false },
    { name: 'before it that are still asked', of: mark(100_000, ask(160_000)), want: true },
    { name: 'whose window is over', of: mark(100_000, ask(159_999)), want: false },
    { name: 'that have ended', of: mark(100_000, { ...ask(200_000), endMs: 159_000 }), want: false },
    {
      name: 'with a longer window',
      of: mark(100_000, ask(120_000, { endMs: 160_000, reopens: false })),
      want: true,
    },
    {
      name: 'that are asked again',
      of: mark(100_000, { ...ask(120_000, { endMs: 160_000, reopens: true }), endMs: 110_000 }),
      want: true,
    },
  ]) {
    it(`live marks ${want ? 'contain' : 'leave out'} those ${name}`, () => {
      assert.equal(liveMarks([of], 100, 1).length, want ? 1 : 0);
    });
  }

  it('of a call without a question are asked of nobody', () => {
    assert.equal(askedUntilMs(mark(160_000)), Number.NEGATIVE_INFINITY);
  });
});
