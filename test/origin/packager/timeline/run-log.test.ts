import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type LoggedRun, plausible, RunLog } from '../../../../origin/packager/timeline/run-log.ts';

const run = (firstNumber: number, group: string): LoggedRun => ({
  firstNumber,
  group,
  broadcast: '',
  state: 'on-air',
});

describe('run log: what was on air since when', () => {
  it('counts a discontinuity for each run but the first (RFC 8216bis §4.4.3.3)', () => {
    const log = new RunLog(1, null);
    log.begin(run(10, 'slate'));
    log.begin(run(15, 'live.b1'));
    log.begin(run(20, 'slate'));
    const at = [9, 10, 14, 15, 19, 20, 99].map((number) => log.discontinuityNumber(number));
    assert.deepEqual(at, [0, 0, 0, 1, 1, 2, 2]);
    assert.deepEqual(
      [10, 15, 20, 21].map((number) => log.isDiscontinuity(number)),
      [false, true, true, false],
    );
  });

  it('tells the runs that touch a window, with where each ends', () => {
    const log = new RunLog(1, null);
    log.begin(run(10, 'slate'));
    log.begin(run(15, 'live.b1#2'));
    assert.deepEqual(log.since(12), [
      { id: '10-slate', state: 'on-air', broadcast: '', firstNumber: 10, startMs: 16_000, endMs: 24_000 },
      { id: '15-live', state: 'on-air', broadcast: '', firstNumber: 15, startMs: 24_000, endMs: null },
    ]);
    assert.deepEqual(
      log.since(15).map(({ id }) => id),
      ['15-live'],
    );
  });

  it('keeps counting over a restart, and after old runs were forgotten', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 200 }), (before, after) => {
        let log = new RunLog(1, null);
        for (let i = 0; i < before; i += 1) log.begin(run(i, `g${i}`));
        log = new RunLog(1, structuredClone(log.snapshot()));
        for (let i = before; i < before + after; i += 1) log.begin(run(i, `g${i}`));
        assert.equal(log.discontinuityNumber(before + after), before + after - 1);
        assert.ok(log.snapshot().runs.length <= 64);
      }),
    );
  });

  it('has a discontinuity in front of its first run where older ones have left it', () => {
    const runs = [run(10, 'live.b1')];
    assert.equal(new RunLog(1, { base: 3, runs }).isDiscontinuity(10), true);
    assert.equal(new RunLog(1, { base: 0, runs }).isDiscontinuity(10), false);
  });

  it('is discarded where it lies in the future, and where it begins just now it is not', () => {
    const snapshot = { base: 0, runs: [run(10, 'slate')] };
    assert.deepEqual(
      [plausible(snapshot, 10), plausible(snapshot, 9), plausible(null, 9)],
      [snapshot, null, null],
    );
  });
});
