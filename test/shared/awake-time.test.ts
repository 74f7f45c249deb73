import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AwakeTime } from '../../shared/awake-time.ts';
import { WatchedClock } from '../../shared/watched-clock.ts';

/** A process that reads the time after each of these steps of a steady clock, milliseconds. */
function afterSteps(stepsMs: readonly number[]): number {
  let steadyMs = 5000;
  const awake = new AwakeTime(() => steadyMs);
  const startMs = awake.nowMs();
  for (const stepMs of stepsMs) {
    steadyMs += stepMs;
    awake.nowMs();
  }
  return awake.nowMs() - startMs;
}

describe('time in which this process was awake', () => {
  const table: { name: string; stepsMs: number[]; want: number }[] = [
    { name: 'regular turns', stepsMs: [100, 100, 100], want: 300 },
    { name: 'a long turn of its own work', stepsMs: [100, 480, 100], want: 680 },
    { name: 'stopped for 4 s', stepsMs: [100, 4000, 100], want: 300 },
    { name: 'stopped for 19 s, twice', stepsMs: [19_000, 100, 19_000], want: 300 },
    { name: 'a machine that slept for a night', stepsMs: [100, 40_000_000], want: 200 },
  ];
  for (const { name, stepsMs, want } of table) {
    it(`${name}: ${want} ms`, () => assert.equal(afterSteps(stepsMs), want));
  }

  it('never goes back, and never faster than the clock', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 50 });
    fc.assert(
      fc.property(steps, (stepsMs) => {
        const awakeMs = afterSteps(stepsMs);
        assert.ok(awakeMs >= 0 && awakeMs <= stepsMs.reduce((sum, stepMs) => sum + stepMs, 0));
      }),
    );
  });
});

describe('a clock that says what was missed', () => {
  const table: { name: string; utcMs: number; awakeMs: number; want: number[] }[] = [
    { name: 'time that passed awake', utcMs: 1000, awakeMs: 1000, want: [] },
    { name: 'a clock that is slewed', utcMs: 1050, awakeMs: 1000, want: [] },
    { name: 'a pause of this process', utcMs: 9000, awakeMs: 100, want: [8900] },
    { name: 'a clock that is set forward', utcMs: 5100, awakeMs: 100, want: [5000] },
    { name: 'a clock that is set back', utcMs: -4900, awakeMs: 100, want: [-5000] },
  ];
  for (const { name, utcMs, awakeMs, want } of table) {
    it(`${name}: ${want.length === 0 ? 'nothing' : `${want[0]} ms`}`, () => {
      const now = { utcMs: 1_000_000, awakeMs: 50 };
      const missed: number[] = [];
      const clock = new WatchedClock({ nowMs: () => now.utcMs }, () => now.awakeMs);
      clock.onMissed((ms) => missed.push(ms));
      now.utcMs += utcMs;
      now.awakeMs += awakeMs;
      assert.equal(clock.nowMs(), now.utcMs);
      assert.deepEqual(missed, want);
      clock.nowMs();
      assert.deepEqual(missed, want, 'once');
    });
  }
});
