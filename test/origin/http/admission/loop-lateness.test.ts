import assert from 'node:assert/strict';
import { LoopLateness } from '../../../../origin/http/admission/loop-lateness.ts';

/** The lateness after ticks with these gaps, milliseconds; the process has the processor for a share of each. */
function latenessAfter(gapsMs: readonly number[], share = 1): number {
  const lateness = new LoopLateness();
  let nowMs = 1000;
  let cpuMs = 77;
  lateness.tick(nowMs, cpuMs);
  for (const gapMs of gapsMs) {
    nowMs += gapMs;
    cpuMs += gapMs * share;
    lateness.tick(nowMs, cpuMs);
  }
  return lateness.lateMs;
}

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
    it(name, () => assert.equal(latenessAfter(gapsMs, share), want));
  }
});
