import assert from 'node:assert/strict';
import { readFeedReport } from '../../../shared/feed-report.ts';
import { feedReportOf } from '../../../transcode/report/feed-report-of.ts';
import type { SessionStatus } from '../../../transcode/session-status.ts';

const STATUS: SessionStatus = {
  plan: {
    ...{ level: 0, name: 'full', sinceMs: 1000, reason: '', presetName: 'superfast', frameRate: 25 },
    ...{ tracks: ['720p', '480p'], away: [] },
  },
  owedMs: 120,
  lagMs: {
    source: { picture: 40.4, sound: 20 },
    queue: null,
    rungs: { '720p': 190.4, '480p': 150 },
    sound: 80,
  },
};
const LINE = { picture: 10.6, sound: null };

describe('the report of a feed', () => {
  const table: { name: string; status: SessionStatus; unsent: [string, number][]; want: number | null }[] = [
    { name: 'all is sent: the latest track', status: STATUS, unsent: [], want: 190 },
    { name: 'what is not sent comes on top', status: STATUS, unsent: [['480p', 400]], want: 550 },
    { name: 'sound is a track too', status: STATUS, unsent: [['audio', 2000]], want: 2080 },
    {
      name: 'a track that is not made counts for nothing',
      status: { ...STATUS, lagMs: { ...STATUS.lagMs, rungs: { '720p': null, '480p': 150 } } },
      unsent: [['720p', 30_000]],
      want: 150,
    },
    {
      name: 'nothing is encoded yet',
      status: { ...STATUS, lagMs: { ...STATUS.lagMs, rungs: {}, sound: null } },
      unsent: [],
      want: null,
    },
  ];
  for (const { name, status, unsent, want } of table) {
    it(`uplink: ${name}`, () => {
      assert.equal(feedReportOf(status, LINE, new Map(unsent), 5000).lagMs.uplink, want);
    });
  }

  it('is one that origins take, in whole milliseconds', () => {
    const report = feedReportOf(STATUS, LINE, new Map(), 5000);
    assert.deepEqual(readFeedReport(Buffer.from(JSON.stringify(report))), report);
    assert.equal(report.owedMs, 120);
    assert.deepEqual(report.lagMs.line, { picture: 11, sound: null });
    assert.deepEqual(report.lagMs.rungs, { '720p': 190, '480p': 150 });
  });
});
