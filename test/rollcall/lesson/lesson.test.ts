import { deepEqual, equal } from 'node:assert/strict';
import type { StoredCall } from '../../../rollcall/ledger/ledger.ts';
import {
  callsOfThisLesson,
  lessonOf,
  lessonOfBroadcast,
  lessonOfCall,
} from '../../../rollcall/lesson/lesson.ts';
import { NOW_MS } from '../ledger/ledger.contract.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const NOON_MS = Math.floor(NOW_MS / HOUR_MS) * HOUR_MS;

describe('the lesson of calls', () => {
  const call = (callId: string, atMinute: number, broadcast: StoredCall['broadcast'] = null): StoredCall => ({
    ...{ callId, channel: 'hall-7', kind: 'presence', prompt: 'x', choices: [], openedBy: 't' },
    ...{ windowMs: 20_000, graceMs: 10_000, atProgramTimeMs: NOON_MS + atMinute * MINUTE_MS },
    ...{ broadcast, settled: false },
  });
  const first = { id: 'b1', startMs: NOON_MS };
  const second = { id: 'b2', startMs: NOON_MS + HOUR_MS };
  const calls = [call('c1', 5, first), call('c2', 40, first), call('c3', 70, second)];
  const at = (minute: number): number => NOON_MS + minute * MINUTE_MS;

  for (const { name, list, callId, want } of [
    { name: 'is that of its broadcast', list: calls, callId: 'c2', want: ['c1', 'c2'] },
    {
      name: 'without a broadcast is its series',
      list: [call('c1', 0), call('c2', 200), call('c3', 230), call('c4', 500)],
      callId: 'c2',
      want: ['c2', 'c3'],
    },
    {
      name: 'without a broadcast ends at the next one',
      list: [call('c1', 0), call('c2', 5, first)],
      callId: 'c1',
      want: ['c1'],
    },
    { name: 'is none of an unknown call', list: calls, callId: 'c9', want: undefined },
  ]) {
    it(`of one call ${name}`, () => {
      deepEqual(
        lessonOfCall(list, callId, at(900))?.calls.map((one) => one.callId),
        want,
      );
    });
  }

  for (const { name, list, onAir, now, want } of [
    { name: 'those of the broadcast on air', list: calls, onAir: second, now: 75, want: ['c3'] },
    {
      name: 'none of an earlier lesson',
      list: calls,
      onAir: { id: 'b3', startMs: NOON_MS + 2 * HOUR_MS },
      now: 125,
      want: [],
    },
    {
      name: 'those since its start, though they name the last broadcast',
      list: [...calls, call('c4', 121, second)],
      onAir: { id: 'b3', startMs: NOON_MS + 2 * HOUR_MS },
      now: 125,
      want: ['c4'],
    },
    { name: 'while none is on air the newest lesson', list: calls, onAir: null, now: 120, want: ['c3'] },
    { name: 'after three hours none', list: calls, onAir: null, now: 251, want: [] },
    { name: 'none where there are none', list: [], onAir: first, now: 1, want: [] },
  ]) {
    it(`that is now has ${name}`, () => {
      deepEqual([...callsOfThisLesson(list, onAir, at(now))], want);
    });
  }

  for (const { name, list, broadcastId, until, want } of [
    {
      name: 'that goes on ends now',
      ...{ list: calls, broadcastId: 'b2', until: 75, want: ['b2', 60, 75, 'c3'] },
    },
    {
      name: 'is the newest one when none is named',
      ...{ list: calls, broadcastId: null, until: 75, want: ['b2', 60, 75, 'c3'] },
    },
    {
      name: 'ends where the next one begins',
      ...{ list: calls, broadcastId: 'b1', until: 180, want: ['b1', 0, 60, 'c1', 'c2'] },
    },
    {
      name: 'ends with its broadcast where that is known',
      ...{ list: calls, broadcastId: 'b1', until: 45, want: ['b1', 0, 45, 'c1', 'c2'] },
    },
    {
      name: 'has a day at most',
      ...{ list: [call('c1', 5, first)], broadcastId: 'b1', until: 5000, want: ['b1', 0, 1440, 'c1'] },
    },
    { name: 'is none where no call was made in it', list: calls, broadcastId: 'b3', until: 75, want: null },
    { name: 'is none without calls', list: [], broadcastId: null, until: 75, want: null },
    {
      name: 'that nobody kept is the calls less than three hours apart, with an hour around them',
      ...{ list: [call('c1', 0), call('c2', 200), call('c3', 230)], broadcastId: null, until: 900 },
      want: [null, 140, 290, 'c2', 'c3'],
    },
    {
      name: 'that nobody kept begins after the last call of the one before',
      ...{ list: [...calls, call('c4', 90)], broadcastId: null, until: 100, want: [null, 70.5, 100, 'c4'] },
    },
  ]) {
    it(name, () => {
      const found = lessonOf(list, broadcastId, at(until));
      const minute = (ms: number): number => (ms - NOON_MS) / MINUTE_MS;
      deepEqual(
        found && [
          ...[found.lesson.broadcastId, minute(found.lesson.startMs), minute(found.lesson.endMs)],
          ...found.calls.map(({ callId }) => callId),
        ],
        want,
      );
    });
  }

  it('is not ended by another start of the same broadcast', () => {
    const again = { id: 'b1', startMs: NOON_MS + MINUTE_MS };
    equal(lessonOfBroadcast(first, [again, second], at(90)).endMs, second.startMs);
  });

  it('is not ended by another broadcast that began at the same moment', () => {
    equal(lessonOfBroadcast(first, [{ id: 'b0', startMs: first.startMs }], at(90)).endMs, at(90));
  });

  it('begins anew three hours after the last call', () => {
    const found = lessonOf([call('c1', 0), call('c2', 180)], null, at(900));
    deepEqual(
      found?.calls.map(({ callId }) => callId),
      ['c2'],
    );
  });
});
