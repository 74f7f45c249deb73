import assert from 'node:assert/strict';
import { LoopLateness } from '../../../../origin/http/admission/loop-lateness.ts';

/** What is known after ticks with these gaps, milliseconds; the process has the processor for a share of each. */
function after(gapsMs: readonly number[], share = 1): LoopLateness {
  const lateness = new LoopLateness();
  let nowMs = 1000;
  let cpuMs = 77;
  lateness.tick(nowMs, cpuMs);
  for (const gapMs of gapsMs) {
    nowMs += gapMs;
    cpuMs += gapMs * share;
    lateness.tick(nowMs, cpuMs);
  }
  return lateness;
}

describe('the processor time of an origin', () => {
  for (const { name, gapsMs, share, want } of [
    { name: 'is 0 before the first ticks', gapsMs: [], share: 1, want: 0 },
    { name: 'is what the process takes', gapsMs: Array<number>(60).fill(50), share: 0.2, want: 0.2 },
    { name: 'may be more than one core', gapsMs: Array<number>(60).fill(130), share: 1.4, want: 1.4 },
  ]) {
    it(name, () => assert.equal(Math.round(after(gapsMs, share).cores * 100) / 100, want));
  }

  it('is that of the last two seconds', () => {
    const lateness = new LoopLateness();
    let cpuMs = 900_000;
    for (let i = 0; i <= 120; i += 1) {
      lateness.tick(i * 50, cpuMs);
      if (i < 80) cpuMs += 50;
    }
    assert.equal(lateness.cores, 0);
  });
});

const times = (count: number, gapMs: number): number[] => Array<number>(count).fill(gapMs);

describe('the lateness of the event loop', () => {
  for (const { name, gapsMs, share, want } of [
    { name: 'is 0 before the first ticks', gapsMs: [], want: 0 },
    { name: 'is 0 while the timer is on time', gapsMs: times(60, 50), want: 0 },
    { name: 'is not moved by one long turn', gapsMs: [...times(40, 50), 450, ...times(5, 50)], want: 0 },
    { name: 'is what a quarter of the ticks exceed', gapsMs: times(60, 130), want: 80 },
    {
      name: 'counts the ticks that a long turn has swallowed',
      // Each turn of 350 ms has seven ticks, which are 300, 250, … 0 ms late.
      gapsMs: times(10, 350),
      want: 200,
    },
    { name: 'forgets after two seconds', gapsMs: [...times(40, 300), ...times(40, 50)], want: 0 },
    { name: 'does not count a stop of the process', gapsMs: [...times(40, 50), 5000], share: 0.01, want: 0 },
    { name: 'counts a turn that is as long', gapsMs: [...times(40, 50), 5000], share: 1, want: 4450 },
  ]) {
    it(name, () => assert.equal(after(gapsMs, share).lateMs, want));
  }
});
