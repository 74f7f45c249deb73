import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AirStatus } from '../../../origin/live/air-status.ts';
import { LAG_UNKNOWN, type LagNews, lagLine, watchLag } from '../../../origin/live/lag-watch.ts';
import { stageLags } from '../../../shared/stage-lags.ts';

/** Follows one lag a second, in milliseconds; returns what was said, with the second. */
function said(lagsMs: readonly (number | null)[]): string[] {
  let watch = LAG_UNKNOWN;
  return lagsMs.flatMap((lagMs, second) => {
    const step = watchLag(watch, lagMs, 1_700_000_000_000 + second * 1000);
    watch = step.watch;
    return step.news === null ? [] : [`${second} ${step.news}`];
  });
}

const times = (count: number, lagMs: number | null): (number | null)[] =>
  Array.from({ length: count }, () => lagMs);

describe('watching the lag of a class', () => {
  const table: { name: string; lagsMs: (number | null)[]; want: string[] }[] = [
    { name: 'on time: nothing', lagsMs: times(100, 1500), want: [] },
    { name: 'late for less than 2 s: nothing', lagsMs: [...times(2, 1501), ...times(50, 400)], want: [] },
    { name: 'late for 2 s: one line, however long', lagsMs: times(300, 1501), want: ['2 late'] },
    {
      name: 'back below 1.2 s for 2 s: one line',
      lagsMs: [...times(10, 3000), ...times(10, 1199)],
      want: ['2 late', '12 back'],
    },
    {
      name: 'between the two lines it stays what it was',
      lagsMs: [...times(10, 1300), ...times(10, 3000), ...times(10, 1300)],
      want: ['12 late'],
    },
    {
      name: 'to and fro: at most one pair of lines a minute',
      lagsMs: Array.from({ length: 130 }, (_, second) => (second % 10 < 5 ? 3000 : 400)),
      want: ['2 late', '7 back', '62 late', '67 back', '122 late', '127 back'],
    },
    {
      name: 'late again within the minute, and still late after it: said then',
      lagsMs: [...times(5, 3000), ...times(5, 400), ...times(80, 3000)],
      want: ['2 late', '7 back', '62 late'],
    },
    {
      name: 'a moment without parts changes nothing',
      lagsMs: [...times(2, 3000), ...times(1, null), ...times(2, 3000)],
      want: ['3 late'],
    },
  ];
  for (const { name, lagsMs, want } of table) it(name, () => assert.deepEqual(said(lagsMs), want));

  it('late and back take turns, whatever the lags and the clock do', () => {
    const steps = fc.array(
      fc.tuple(fc.option(fc.integer({ min: -500, max: 5000 })), fc.integer({ min: -5000, max: 90_000 })),
    );
    fc.assert(
      fc.property(steps, (all) => {
        let [watch, nowMs] = [LAG_UNKNOWN, 1e12];
        let last: LagNews = 'back';
        for (const [lagMs, laterMs] of all) {
          nowMs += laterMs;
          const step = watchLag(watch, lagMs, nowMs);
          watch = step.watch;
          if (step.news === null) continue;
          assert.notEqual(step.news, last);
          last = step.news;
        }
      }),
    );
  });
});

describe('the log line of a late class', () => {
  const plan = {
    ...{ level: 3, name: 'top-rung', sinceMs: 0, reason: 'pictures were 0.9 s late', frameRate: 25 },
    ...{ tracks: ['480p'], away: ['720p'] },
  };
  const air: AirStatus = {
    ...{ lateMs: 2340, lagMs: stageLags(null, 2340), renditionsMs: { '720p': 2340 } },
    ...{ fault: { stage: 'rung', excessMs: 1800 }, plan, awaited: [] },
  };
  const table: { name: string; news: 'late' | 'back'; air: AirStatus; want: string }[] = [
    {
      ...{ name: 'names figure, stage and plan', news: 'late', air },
      want: 'hall-7: 2.3 s behind, 1.8 s of it at the transcode worker, which encodes pictures too slowly; encoding plan top-rung (pictures were 0.9 s late)',
    },
    {
      ...{ name: 'says that nobody reports', news: 'late', air: { ...air, fault: null, plan: null } },
      want: 'hall-7: 2.3 s behind, no transcode worker reports where',
    },
    {
      name: 'says when it is back',
      news: 'back',
      air: { ...air, lateMs: 390, fault: null, plan: { ...plan, name: 'full', reason: '' } },
      want: 'hall-7: on time again, 0.4 s behind; encoding plan full',
    },
  ];
  for (const { name, news, air: status, want } of table) {
    it(name, () => assert.equal(lagLine('hall-7', news, status), want));
  }
});
