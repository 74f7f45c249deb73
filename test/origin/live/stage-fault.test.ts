import assert from 'node:assert/strict';
import { type StageFault, stageFault } from '../../../origin/live/stage-fault.ts';
import type { FeedReport } from '../../../shared/feed-report.ts';

type Lags = FeedReport['lagMs'];

/** All is well: a class on a calm machine. */
const WELL: Lags = {
  ...{ line: { picture: 30, sound: 20 }, source: { picture: 40, sound: 30 }, queue: 60 },
  ...{ rungs: { '720p': 190, '480p': 180 }, sound: 90, uplink: 200 },
};
const BEHIND: Lags = {
  ...{ line: { picture: 1500, sound: 1400 }, source: { picture: 1510, sound: 1410 }, queue: 1530 },
  ...{ rungs: { '720p': 1680 }, sound: 1500, uplink: 1690 },
};

describe('the stage at fault', () => {
  const table: { name: string; lagMs: Lags; originMs: number | null; want: StageFault | null }[] = [
    { name: 'nobody while all is well', lagMs: WELL, originMs: 400, want: null },
    {
      name: 'the line, although every later age is larger',
      ...{ lagMs: BEHIND, originMs: 1900, want: { stage: 'line', excessMs: 1350 } },
    },
    {
      name: 'the line for sound alone: a phone sends its pictures first',
      lagMs: {
        ...WELL,
        line: { picture: 30, sound: 2000 },
        source: { picture: 40, sound: 2010 },
        sound: 2070,
        uplink: 2080,
      },
      ...{ originMs: 2300, want: { stage: 'line', excessMs: 1850 } },
    },
    {
      name: 'the way to the worker',
      lagMs: {
        ...WELL,
        source: { picture: 1040, sound: 1030 },
        queue: 1060,
        rungs: { '720p': 1200 },
        sound: 1100,
        uplink: 1210,
      },
      ...{ originMs: 1400, want: { stage: 'source', excessMs: 910 } },
    },
    {
      name: 'what waits for ffmpeg',
      lagMs: { ...WELL, queue: 1040, rungs: { '720p': 1200 }, uplink: 1210 },
      ...{ originMs: 1400, want: { stage: 'queue', excessMs: 900 } },
    },
    {
      name: 'one rung of several',
      lagMs: { ...WELL, rungs: { '720p': 2060, '480p': 180, '360p': null }, uplink: 2070 },
      ...{ originMs: 2300, want: { stage: 'rung', excessMs: 1700 } },
    },
    {
      name: 'a rung, where the worker does not know its queue',
      lagMs: { ...WELL, queue: null, rungs: { '720p': 2040 }, uplink: 2050 },
      ...{ originMs: 2300, want: { stage: 'rung', excessMs: 1700 } },
    },
    {
      name: 'the encoder of sound',
      lagMs: { ...WELL, sound: 1330, uplink: 1340 },
      ...{ originMs: 1500, want: { stage: 'sound', excessMs: 1000 } },
    },
    {
      name: 'the uplink',
      lagMs: { ...WELL, uplink: 2290 },
      ...{ originMs: 2500, want: { stage: 'uplink', excessMs: 2000 } },
    },
    {
      name: 'the origin',
      lagMs: WELL,
      ...{ originMs: 2550, want: { stage: 'origin', excessMs: 2000 } },
    },
    {
      name: 'no kind of media that is missing',
      lagMs: { ...WELL, line: { picture: null, sound: 20 }, source: { picture: null, sound: 30 } },
      ...{ originMs: 400, want: null },
    },
    {
      name: 'nobody for less than 0.3 s beyond its share',
      lagMs: { ...WELL, rungs: { '720p': 659 }, uplink: 660 },
      ...{ originMs: null, want: null },
    },
  ];
  for (const { name, lagMs, originMs, want } of table) {
    it(`is ${name}`, () => assert.deepEqual(stageFault(lagMs, originMs, 200), want));
  }

  it('gives the origin a part’s duration: with longer parts the same age is normal', () => {
    assert.equal(stageFault(WELL, 1000, 200)?.stage, 'origin');
    assert.equal(stageFault(WELL, 1000, 800), null);
  });
});
