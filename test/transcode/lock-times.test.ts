import assert from 'node:assert/strict';
import fc from 'fast-check';
import { silentLogger } from '../../shared/logger.ts';
import { BullQueue } from '../../transcode/queue/bull-queue.ts';
import { lockTimes } from '../../transcode/queue/lock-times.ts';

describe('the times of a job lock', () => {
  it('are whole milliseconds, with three renewals in a lock, whatever its length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 86_400_000 }), (wanted) => {
        const { lockMs, renewMs } = lockTimes(wanted);
        assert.equal(lockMs, wanted);
        assert.ok(Number.isSafeInteger(renewMs) && renewMs >= 1 && renewMs * 3 <= lockMs, String(renewMs));
      }),
    );
  });

  for (const lockMs of [0, 2, -2000, 2000.5, 2000 / 3, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`refuse a lock of ${lockMs} ms`, () => {
      assert.throws(() => lockTimes(lockMs), { code: 'bad-queue-setting' });
    });
  }

  it('are checked before the queue connects, as is the time to add a job', () => {
    const options = { redisUrl: 'redis://127.0.0.1:1', name: 'queue', logger: silentLogger };
    assert.throws(() => new BullQueue({ ...options, lockMs: 2000 / 3 }), { code: 'bad-queue-setting' });
    assert.throws(() => new BullQueue({ ...options, addTimeoutMs: 0.5 }), { code: 'bad-queue-setting' });
  });
});
