import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Answer, StoredCall, Ledger, RosterEntry, Watcher } from '../../../rollcall/ledger/ledger.ts';
import { attendanceJson } from '../../../rollcall/lesson/attendance-json.ts';
import { type LessonAttendance, takeAttendance } from '../../../rollcall/lesson/attendance.ts';
import { NOW_MS } from '../ledger/ledger.contract.ts';
import { type LessonLedger, startLessonLedger } from '../support/lesson-ledger.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const NOON_MS = Math.floor(NOW_MS / HOUR_MS) * HOUR_MS;
const NOON_MINUTE = NOON_MS / MINUTE_MS;

describe('the attendance of a lesson', () => {
  let on: LessonLedger;
  const lesson = { broadcastId: 'b1', startMs: NOON_MS, endMs: NOON_MS + 45 * MINUTE_MS };
  beforeEach(async () => {
    on = await startLessonLedger();
  });
  afterEach(() => on.remove());

  const watch = (sub: string, name: string, ...minutes: number[]): Promise<void> =>
    on.watch(
      { sub, name, rosterId: null },
      minutes.map((minute) => NOON_MINUTE + minute),
    );
  const take = (calls: readonly StoredCall[], entries?: readonly RosterEntry[]): Promise<LessonAttendance> =>
    takeAttendance(on.ledger, 'hall-7', lesson, calls, entries);
  const told = ({ students }: LessonAttendance): string[] =>
    students.map(({ id, onRoster, watchedMinutes, answers }) =>
      [id, onRoster ? 'on' : 'off', watchedMinutes, ...answers.map(({ status }) => status)].join(' '),
    );

  it('lists the roster in its order, then who else answered, was asked or watched, by name', async () => {
    await on.roster(['2', '韩梅梅'], ['1', '李雷']);
    const call = await on.open('c1');
    await on.answer(call, '1', '李雷');
    await on.answer(call, 'w', '王芳', { status: 'late' });
    await on.ledger.noteAsked('hall-7', 'c1', [{ sub: 'l', name: '林涛', rosterId: null }]);
    await watch('a', '安', 3);
    deepEqual(told(await take([call])), [
      ...['2 on 0 absent', '1 on 0 present'],
      ...['a off 1 absent', 'l off 0 absent', 'w off 0 late'],
    ]);
  });

  it('counts each minute of the lesson once, on however many devices it was watched, and none of others', async () => {
    await on.roster(['1', '李雷']);
    await watch('1', '李雷', -1, 0, 1, 44, 45);
    await watch('guest-li', '李雷', 1, 2);
    const { students } = await take([]);
    deepEqual(
      students.map(({ id, watchedMinutes, firstSeenMs, lastSeenMs }) => [
        ...[id, watchedMinutes, firstSeenMs, lastSeenMs],
      ]),
      [['1', 4, NOON_MS, lesson.endMs]],
    );
  });

  it('does not show another class that is numbered the same as present', async () => {
    await on.roster(['1', '李雷']);
    const call = await on.open('c1');
    await on.answer(call, 'guest-li', '李雷', { rosterId: '1' });
    await on.watch({ sub: 'guest-li', name: '李雷', rosterId: '1' }, [NOON_MINUTE]);
    await on.roster(['1', '韩梅梅']);
    deepEqual(told(await take([call])), ['1 on 0 absent', 'guest-li off 1 present']);
    await on.roster();
    deepEqual(told(await take([call])), ['guest-li off 1 present']);
  });

  it('finds who has another number in the list by her name', async () => {
    await on.roster(['1', '李雷']);
    await on.watch({ sub: 'guest-li', name: '李雷', rosterId: '1' }, [NOON_MINUTE]);
    await on.roster(['20260001', '李雷']);
    deepEqual(told(await take([])), ['20260001 on 1']);
  });

  it('is by the list that is given, whatever the list is today', async () => {
    const call = await on.open('c1');
    await on.answer(call, '1', '李雷');
    await on.roster(['9', '王芳']);
    deepEqual(told(await take([call], [{ id: '1', name: '李雷', group: '' }])), ['1 on 0 present']);
  });

  it('lists a guest with a name that its owner answered for as a person of her own', async () => {
    await on.roster(['1', '李雷']);
    const call = await on.open('c1');
    await on.answer(call, 'guest-x', '李雷', { status: 'late', receivedMs: NOW_MS });
    await on.answer(call, '1', '李雷', { receivedMs: NOW_MS + 1 });
    await watch('guest-x', '李雷', 5, 6);
    await watch('1', '李雷', 7);
    deepEqual(told(await take([call])), ['1 on 1 present', 'guest-x off 2 late']);
  });

  it('of a city is taken and written without holding up what else is to be done', async () => {
    const count = 20_000;
    const people = Array.from({ length: count }, (_, i) => ({
      sub: `s${i}`,
      name: `李${i}`,
      rosterId: null,
    }));
    const call = await on.open('c1');
    let turns = 0;
    let isDone = false;
    let [rows, mostRows] = [0, 0];
    const turn = (): void => {
      turns++;
      rows = 0;
      if (!isDone) setImmediate(turn);
    };
    async function* each<T>(make: (person: (typeof people)[number]) => T): AsyncIterable<T> {
      for (const person of people) {
        mostRows = Math.max(mostRows, ++rows);
        yield make(person);
      }
    }
    const ledger: Pick<Ledger, 'roster' | 'answers' | 'asked' | 'watchers'> = {
      roster: async () => [],
      answers: () => each((person) => ({ ...ANSWER, ...person })),
      asked: () => each((person) => person),
      watchers: () => each((person): Watcher => ({ ...person, minutes: [NOON_MINUTE] })),
    };
    setImmediate(turn);
    const attendance = await takeAttendance(ledger, 'hall-7', lesson, [call]);
    const json = await attendanceJson(attendance);
    isDone = true;
    equal(attendance.students.length, count);
    deepEqual(JSON.parse(json.toString()), attendance);
    ok(mostRows <= 1000, `${mostRows} rows of the ledger at once`);
    // Rows, their order and their text: every 500 of them is a turn.
    ok(turns > 6 * (count / 500), `${turns} turns`);
  });
});

const ANSWER: Answer = {
  ...{ callId: 'c1', channel: 'hall-7', sub: '', name: '', rosterId: null, answerId: 'a', value: null },
  ...{ status: 'present', reactionMs: 1, tapProgramTimeMs: 0, latencyMs: 0, stalled: false, receivedMs: 0 },
};
