import assert from 'node:assert/strict';
import { FeedLiveness } from '../../../../origin/packager/feed/feed-liveness.ts';

const START_MS = 1_600_000_000;

/** A feed whose picture came up to START_MS, on a connection that stands. */
function feed(): FeedLiveness {
  const liveness = new FeedLiveness(25_000);
  liveness.open('720p', START_MS - 1000);
  liveness.progress('720p', START_MS, START_MS);
  return liveness;
}

/** Until when a feed is alive that delivers nothing more, milliseconds from START_MS. */
function diesAfterMs(liveness: FeedLiveness, reports: readonly (readonly [number, boolean])[] = []): number {
  for (let ms = 0; ms < 60_000; ms += 100) {
    for (const [atMs, isStalled] of reports) if (atMs === ms) liveness.report(isStalled, START_MS + ms);
    if (!liveness.isAlive(START_MS + ms)) return ms;
    assert.equal(liveness.isTrackAlive('720p', START_MS + ms), true);
  }
  return Number.POSITIVE_INFINITY;
}

describe('how long a silent feed is waited for', () => {
  const every = (fromMs: number, toMs: number, isStalled: boolean): (readonly [number, boolean])[] =>
    Array.from({ length: (toMs - fromMs) / 1000 }, (_, i) => [fromMs + i * 1000, isStalled] as const);
  const table: { name: string; reports: (readonly [number, boolean])[]; want: number }[] = [
    { name: 'a sender that does not report', reports: [], want: 3000 },
    { name: 'a teacher who is silent: her worker reports', reports: every(0, 9000, false), want: 3000 },
    { name: 'a worker that stands still', reports: [[0, false]], want: 23_000 },
    {
      name: 'an ingest that stands still',
      reports: [[0, false], ...every(2000, 40_000, true)],
      want: 23_000,
    },
    {
      name: 'a worker that went on after 9 s: the rest is about to come',
      reports: [[0, false], ...every(9000, 20_000, false)],
      want: 12_000,
    },
    {
      name: 'an ingest that went on after 19 s',
      reports: [[0, false], ...every(2000, 19_000, true), ...every(19_000, 30_000, false)],
      want: 22_000,
    },
  ];
  for (const { name, reports, want } of table) {
    it(`${name}: ${want / 1000} s`, () => assert.equal(diesAfterMs(feed(), reports), want));
  }

  it('a worker whose connections broke stands not still: it is gone', () => {
    const liveness = feed();
    liveness.report(false, START_MS);
    liveness.close('720p', null);
    assert.equal(liveness.isAlive(START_MS + 2900), true);
    assert.equal(liveness.isAlive(START_MS + 3000), false);
  });

  for (const missedMs of [4000, 9000, 19_000, 5000, -5000]) {
    it(`UTC moved by ${missedMs} ms without this process: nobody was silent`, () => {
      const liveness = feed();
      liveness.report(false, START_MS);
      liveness.excuse(missedMs);
      const nowMs = START_MS + missedMs;
      assert.equal(liveness.isAlive(nowMs + 2900), true);
      for (const atMs of [nowMs + 1000, nowMs + 2000]) liveness.report(false, atMs);
      assert.equal(liveness.isAlive(nowMs + 3000), false);
    });
  }
});
