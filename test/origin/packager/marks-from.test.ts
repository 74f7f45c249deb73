import assert from 'node:assert/strict';
import { marksFrom } from '../../../origin/packager/marks-from.ts';

describe('the marks from a segment on', () => {
  it('begin with one at the very beginning of the segment', () => {
    const mark = (atMs: number) => ({ id: `m${atMs}`, kind: 'presence', atMs, endMs: null });
    const marks = [mark(159_999), mark(160_000), mark(170_000)];
    assert.deepEqual(
      marksFrom(marks, 100, 1).map(({ atMs }) => atMs),
      [160_000, 170_000],
    );
  });
});
