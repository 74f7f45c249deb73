import assert from 'node:assert/strict';
import {
  MAX_BYTES_IN_MEMORY,
  PROBES_AT_ONCE,
  PUTS_AT_ONCE,
  PUTS_MOST,
  PutSchedule,
  SLOW_MS,
  type StartedPut,
} from '../../../origin/archive/put-schedule.ts';
import { FIRST_RETRY_MS, PUTS_OF_CHANNEL } from '../../../origin/archive/channel-puts.ts';

const spooled = (channel: string, at: number) =>
  ({ kind: 'init', channel, rendition: '720p', hash: String(at) }) as const;
const nameOf = ({ channel, put }: StartedPut): string =>
  `${channel} ${put.spooled.kind === 'init' ? put.spooled.hash : ''}`;

/** A schedule of so many objects of each channel. */
function scheduleOf(channels: number, count: number): PutSchedule {
  const schedule = new PutSchedule();
  for (let at = 0; at < count; at += 1) {
    for (let channel = 0; channel < channels; channel += 1) schedule.add(spooled(`hall-${channel}`, at));
  }
  return schedule;
}

/** Takes all that may start now. */
function take(schedule: PutSchedule, nowMs: number, withProbes = true): StartedPut[] {
  const puts: StartedPut[] = [];
  for (;;) {
    const put = schedule.next(nowMs, withProbes);
    if (put === null) return puts;
    puts.push(put);
  }
}

describe('the schedule of puts', () => {
  it('gives channels their turns, a bounded number of puts at a time', () => {
    const schedule = scheduleOf(3, 10);
    const puts = take(schedule, 0);
    assert.equal(puts.length, PUTS_AT_ONCE);
    assert.deepEqual(puts.slice(0, 6).map(nameOf), [
      ...['hall-0 0', 'hall-1 0', 'hall-2 0'],
      ...['hall-0 1', 'hall-1 1', 'hall-2 1'],
    ]);
    assert.deepEqual([schedule.inFlightCount, schedule.pendingCount], [PUTS_AT_ONCE, 30 - PUTS_AT_ONCE]);
  });

  it('a channel whose puts fail holds up no other one', () => {
    const schedule = scheduleOf(10, 20);
    const stored: string[] = [];
    for (let nowMs = 0; nowMs < 10_000; nowMs += 10) {
      for (const put of take(schedule, nowMs)) {
        if (put.channel === 'hall-3') schedule.failed(put, nowMs);
        else {
          stored.push(nameOf(put));
          schedule.succeeded(put);
        }
      }
    }
    assert.equal(stored.length, 9 * 20);
    assert.deepEqual(schedule.failingChannels, ['hall-3']);
    assert.equal(schedule.pendingCount, 20);
  });

  it('channels whose puts hang hold up no other one for longer than it takes to call them slow', () => {
    const schedule = scheduleOf(10, 4);
    const stored = new Set<string>();
    const hung = (channel: string): boolean => ['hall-0', 'hall-1', 'hall-2', 'hall-3'].includes(channel);
    for (let nowMs = 0; nowMs <= SLOW_MS + 100; nowMs += 10) {
      for (const put of take(schedule, nowMs)) {
        if (hung(put.channel)) continue;
        stored.add(nameOf(put));
        schedule.succeeded(put);
      }
    }
    assert.equal(stored.size, 6 * 4);
    assert.ok(schedule.inFlightCount <= PUTS_MOST);
  });

  it('channels that failed before take no place of those that work', () => {
    const schedule = scheduleOf(12, 2);
    for (const put of take(schedule, 0)) schedule.failed(put, 0);
    for (const put of take(schedule, 1)) schedule.failed(put, 1);
    assert.equal(schedule.failingChannels.length, 12);
    // All probes hang.
    assert.equal(take(schedule, 1000).length, PROBES_AT_ONCE);
    for (let at = 0; at < PUTS_OF_CHANNEL; at += 1) schedule.add(spooled('hall-new', at));
    assert.deepEqual(take(schedule, 1000).map(nameOf), [
      'hall-new 0',
      'hall-new 1',
      'hall-new 2',
      'hall-new 3',
    ]);
  });

  it('tells when the next put may start', () => {
    const schedule = scheduleOf(1, 2);
    schedule.failed(schedule.next(0) as StartedPut, 0);
    assert.equal(schedule.next(10), null);
    assert.equal(schedule.waitMs(10), FIRST_RETRY_MS - 10);
    for (const put of take(schedule, FIRST_RETRY_MS)) schedule.succeeded(put);
    for (const put of take(schedule, FIRST_RETRY_MS)) schedule.succeeded(put);
    assert.equal(schedule.next(FIRST_RETRY_MS), null);
    assert.equal(schedule.waitMs(FIRST_RETRY_MS), null, 'there is nothing to put');
  });

  it('a stop tries nothing that failed before', () => {
    const schedule = scheduleOf(2, 2);
    schedule.failed(schedule.next(0) as StartedPut, 0);
    assert.deepEqual(take(schedule, 10_000, false).map(nameOf), ['hall-1 0', 'hall-1 1']);
  });

  it('a dropped object says nothing about the store', () => {
    const schedule = scheduleOf(1, 3);
    schedule.failed(schedule.next(0) as StartedPut, 0);
    schedule.dropped(schedule.next(FIRST_RETRY_MS) as StartedPut);
    assert.equal(schedule.isFailing('hall-0'), true);
  });

  it('holds bytes in memory up to its limit, and counts them down as they are taken or discarded', () => {
    const schedule = new PutSchedule();
    const half = Buffer.alloc(MAX_BYTES_IN_MEMORY / 2);
    for (const at of [0, 1, 2]) schedule.add(spooled('hall-0', at), half);
    const puts = take(schedule, 0);
    assert.deepEqual(
      puts.map(({ put }) => put.bytes),
      [half, half, null],
    );
    for (const put of puts) schedule.succeeded(put);
    for (const at of [3, 4]) schedule.add(spooled('hall-0', at), half);
    assert.equal(schedule.discard('hall-0', () => true).length, 2);
    schedule.add(spooled('hall-0', 5), half);
    assert.equal(schedule.next(0)?.put.bytes, half);
  });

  it('has no memory of channels with nothing to put', () => {
    const schedule = scheduleOf(1000, 1);
    for (let puts = take(schedule, 0); puts.length > 0; puts = take(schedule, 0)) {
      for (const put of puts) schedule.succeeded(put);
    }
    assert.deepEqual([schedule.pendingCount, schedule.failingChannels, schedule.waitMs(0)], [0, [], null]);
  });

  it('forgets what is pending, and not what is in flight', () => {
    const schedule = scheduleOf(1, 10);
    take(schedule, 0);
    schedule.clear();
    assert.deepEqual([schedule.pendingCount, schedule.inFlightCount], [0, PUTS_OF_CHANNEL]);
  });
});
