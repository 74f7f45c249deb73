import { deepEqual, equal } from 'node:assert/strict';
import { RetrySchedule } from '../../../rollcall/lesson/retry-schedule.ts';

describe('the schedule of retries', () => {
  let nowMs = 0;
  const scheduleOf = (): RetrySchedule => {
    nowMs = 0;
    return new RetrySchedule(() => nowMs);
  };
  /** How long until the work is due, milliseconds. */
  const delayMs = (schedule: RetrySchedule): number => {
    const failedMs = nowMs;
    while (!schedule.isDue('a')) nowMs += 500;
    return nowMs - failedMs;
  };

  it('doubles the delay with each failure, up to five minutes', () => {
    const schedule = scheduleOf();
    const delays = Array.from({ length: 10 }, () => {
      schedule.failed('a');
      return delayMs(schedule);
    });
    deepEqual(delays, [2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000]);
  });

  it('is one for each name, and begins anew when the work was done', () => {
    const schedule = scheduleOf();
    equal(schedule.isDue('a'), true);
    schedule.failed('a');
    deepEqual([schedule.isDue('a'), schedule.isDue('b')], [false, true]);
    schedule.forget('a');
    schedule.failed('a');
    equal(delayMs(schedule), 2000);
  });

  it('does not wait for a clock that was set back', () => {
    const schedule = scheduleOf();
    nowMs = 3_600_000;
    schedule.failed('a');
    nowMs = 0;
    equal(schedule.isDue('a'), true);
  });
});
