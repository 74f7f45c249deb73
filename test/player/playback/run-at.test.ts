import assert from 'node:assert/strict';
import { type Run, runAt } from '../../../player/playback/run-at.ts';
import { clockOffsetMs } from '../../../player/live/server-clock.ts';

describe('what is on air at a playhead', () => {
  const runs: Run[] = [
    { state: 'on-air', startMs: 2000, endMs: 4000 },
    { state: 'before', startMs: 0, endMs: 2000 },
    { state: 'interrupted', startMs: 4000, endMs: null },
  ];
  const cases = [
    { name: 'before the first run', atMs: -1, want: null },
    { name: 'at a start', atMs: 0, want: 'before' },
    { name: 'an end is the start of the next', atMs: 2000, want: 'on-air' },
    { name: 'within', atMs: 3999, want: 'on-air' },
    { name: 'in a run that goes on', atMs: 3_000_000, want: 'interrupted' },
    { name: 'more than an hour after a class', atMs: 9_000_000, want: 'before' },
  ];
  for (const { name, atMs, want } of cases) {
    it(name, () => assert.equal(runAt(runs, atMs)?.state ?? null, want));
  }
  it('an end is not within its run', () => {
    assert.equal(runAt([{ state: 'on-air', startMs: 0, endMs: 1000 }], 1000), null);
  });
  it('the later start wins where two overlap', () => {
    assert.equal(runAt([{ state: 'before', startMs: 0, endMs: null }, ...runs], 3000)?.state, 'on-air');
  });
});

describe("the server's clock", () => {
  it('is taken from the answer with the shortest round trip', () => {
    const answers = [
      { askedMs: 0, answeredMs: 400, serverMs: 60_390 },
      { askedMs: 1000, answeredMs: 1020, serverMs: 61_010 },
    ];
    assert.equal(clockOffsetMs(answers), 60_000);
  });
  it("is the page's own without an answer", () => assert.equal(clockOffsetMs([]), 0));
});
