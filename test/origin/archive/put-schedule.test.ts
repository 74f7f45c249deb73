import assert from 'node:assert/strict';
import {
  FIRST_RETRY_MS,
  LAST_RETRY_MS,
  MAX_BYTES_IN_MEMORY,
  MAX_OUT_OF_ORDER,
  type PendingPut,
  PUTS_AT_ONCE,
  PutSchedule,
  retryDelayMs,
} from '../../../origin/archive/put-schedule.ts';

/** A schedule of so many init segments; their hash is their number. */
function scheduleOf(count: number): PutSchedule {
  const schedule = new PutSchedule();
  for (let at = 0; at < count; at += 1) schedule.add(spooled(at));
  return schedule;
}

const spooled = (at: number) =>
  ({ kind: 'init', channel: 'hall-7', rendition: '720p', hash: String(at) }) as const;
const numberOf = (put: PendingPut | null): number | null =>
  put?.spooled.kind === 'init' ? Number(put.spooled.hash) : null;

/** Takes all that may start now. */
function take(schedule: PutSchedule, nowMs: number): PendingPut[] {
  const puts: PendingPut[] = [];
  for (let put = schedule.next(nowMs); put !== null; put = schedule.next(nowMs)) puts.push(put);
  return puts;
}

describe('the schedule of puts', () => {
  it('starts the oldest ones, a bounded number at a time', () => {
    const schedule = scheduleOf(20);
    const puts = take(schedule, 0);
    assert.deepEqual(
      puts.map(numberOf),
      Array.from({ length: PUTS_AT_ONCE }, (_, at) => at),
    );
    assert.deepEqual([schedule.inFlightCount, schedule.pendingCount], [PUTS_AT_ONCE, 20 - PUTS_AT_ONCE]);
  });

  it('holds back what would overtake the oldest put by too many places', () => {
    const schedule = scheduleOf(MAX_OUT_OF_ORDER + 2);
    const [stuck, ...others] = take(schedule, 0);
    let newest = 0;
    for (let queue = others; queue.length > 0; queue = take(schedule, 0)) {
      for (const put of queue) {
        newest = Math.max(newest, numberOf(put) ?? 0);
        schedule.succeeded(put);
      }
    }
    assert.equal(newest, MAX_OUT_OF_ORDER - 1);
    assert.ok(stuck !== undefined);
    schedule.succeeded(stuck);
    assert.equal(numberOf(schedule.next(0)), MAX_OUT_OF_ORDER);
  });

  it('after a failure tries one put at a time, when its delay is over, oldest first', () => {
    const schedule = scheduleOf(12);
    for (const put of take(schedule, 1000)) schedule.failed(put, 1000);
    assert.equal(schedule.isFailing, true);
    assert.equal(schedule.retryInMs(1000), FIRST_RETRY_MS);
    assert.equal(schedule.next(1000 + FIRST_RETRY_MS - 1), null);
    const retried = take(schedule, 1000 + FIRST_RETRY_MS);
    assert.deepEqual(retried.map(numberOf), [0]);
    schedule.succeeded(retried[0] as PendingPut);
    assert.equal(schedule.isFailing, false);
    assert.deepEqual(take(schedule, 1000 + FIRST_RETRY_MS).map(numberOf), [1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('puts a failed object back to its place, without its bytes', () => {
    const schedule = new PutSchedule();
    for (const at of [0, 1, 2]) schedule.add(spooled(at), Buffer.alloc(10));
    const [first, second, third] = take(schedule, 0) as [PendingPut, PendingPut, PendingPut];
    assert.equal(second.bytes?.length, 10);
    schedule.failed(third, 0);
    schedule.failed(second, 0);
    schedule.add(spooled(3));
    assert.equal(schedule.next(FIRST_RETRY_MS), null, 'one is in flight still');
    schedule.dropped(first);
    const again = schedule.next(FIRST_RETRY_MS);
    assert.deepEqual([numberOf(again), again?.bytes], [1, null]);
  });

  it('tries younger objects before one that the store refused', () => {
    const schedule = scheduleOf(3);
    const first = schedule.next(0) as PendingPut;
    schedule.refused(first, 0);
    assert.equal(numberOf(schedule.next(FIRST_RETRY_MS)), 1);
  });

  it('a dropped object says nothing about the store', () => {
    const schedule = scheduleOf(2);
    schedule.failed(schedule.next(0) as PendingPut, 0);
    schedule.dropped(schedule.next(FIRST_RETRY_MS) as PendingPut);
    assert.equal(schedule.isFailing, true);
    assert.equal(numberOf(schedule.next(FIRST_RETRY_MS)), 1);
  });

  it('holds bytes in memory up to its limit, and counts them down as they are taken', () => {
    const schedule = new PutSchedule();
    const half = Buffer.alloc(MAX_BYTES_IN_MEMORY / 2);
    for (const at of [0, 1, 2]) schedule.add(spooled(at), half);
    const [first, second, third] = take(schedule, 0);
    assert.deepEqual([first?.bytes, second?.bytes, third?.bytes], [half, half, null]);
    schedule.add(spooled(3), half);
    assert.equal(schedule.next(0)?.bytes, half);
  });

  it('doubles the delay with each failure, up to its limit', () => {
    assert.deepEqual([1, 2, 3, 4].map(retryDelayMs), [500, 1000, 2000, 4000]);
    assert.equal(retryDelayMs(6), LAST_RETRY_MS);
    assert.equal(retryDelayMs(5000), LAST_RETRY_MS);
  });

  it('forgets what is pending, and not what is in flight', () => {
    const schedule = scheduleOf(10);
    take(schedule, 0);
    schedule.clear();
    assert.deepEqual([schedule.pendingCount, schedule.inFlightCount], [0, PUTS_AT_ONCE]);
  });
});
