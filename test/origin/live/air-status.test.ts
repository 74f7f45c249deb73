import assert from 'node:assert/strict';
import { feedReport } from '../support/feed-report.ts';
import { OriginOnStage } from '../support/origin-on-stage.ts';

const SLOW = feedReport(
  { rungs: { '720p': 2000, '360p': 180 }, uplink: 2010 },
  { level: 3, name: 'top-rung', reason: 'pictures were late' },
);

describe('a class on air', () => {
  let origin: OriginOnStage;
  beforeEach(() => {
    origin = new OriginOnStage();
  });
  const air = () => origin.channel.air(origin.nowMs);

  it('has no lag before it is on air', () => {
    origin.channel.wake(origin.nowMs);
    assert.equal(air(), null);
    assert.equal(origin.channel.takeReport('live.b1', SLOW, origin.nowMs), false);
  });

  it('has the age of the newest part of each rendition, without any report', () => {
    origin.goOnAir();
    origin.run(5000);
    const status = air();
    assert.deepEqual(Object.keys(status?.renditionsMs ?? {}), ['720p', '360p', 'audio']);
    const lateMs = status?.lateMs ?? Number.NaN;
    assert.ok(lateMs >= 0 && lateMs <= 600, `${lateMs} ms`);
    assert.deepEqual({ fault: status?.fault, plan: status?.plan }, { fault: null, plan: null });
    assert.equal(status?.lagMs.uplink, null);
    // Nothing comes any more: the age grows with the clock.
    origin.nowMs += 1000;
    origin.channel.tick(origin.nowMs);
    assert.equal(air()?.lateMs, lateMs + 1000);
  });

  it('has plan, lags and fault of the report of its feed, until that is 5 s old', () => {
    origin.goOnAir();
    origin.run(5000);
    assert.equal(origin.channel.takeReport('live.b1', SLOW, origin.nowMs), true);
    assert.equal(air()?.lagMs.rung, 2000);
    assert.equal(air()?.plan?.name, 'top-rung');
    assert.equal(air()?.fault?.stage, 'rung');
    assert.deepEqual(origin.channel.feeds(origin.nowMs)[0]?.report, SLOW);
    origin.run(5000);
    assert.equal(air()?.plan?.name, 'top-rung');
    origin.run(20);
    assert.deepEqual([air()?.plan, air()?.lagMs.rung, air()?.fault], [null, null, null]);
    assert.equal(origin.channel.feeds(origin.nowMs)[0]?.report, null);
  });

  it('compares worker and origin at one moment: a report of a second ago does not accuse the origin', () => {
    origin.goOnAir();
    origin.run(5000);
    origin.channel.takeReport('live.b1', feedReport(), origin.nowMs);
    origin.nowMs += 1000;
    origin.channel.tick(origin.nowMs);
    assert.equal(air()?.fault, null);
  });
});
