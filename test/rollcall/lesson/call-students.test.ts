import { deepEqual } from 'node:assert/strict';
import { takeAttendance } from '../../../rollcall/lesson/attendance.ts';
import { studentsOfCall } from '../../../rollcall/lesson/call-students.ts';
import { type LessonLedger, startLessonLedger } from '../support/lesson-ledger.ts';

describe('the people of a call', () => {
  let on: LessonLedger;
  beforeEach(async () => {
    on = await startLessonLedger();
  });
  afterEach(() => on.remove());

  const list = async (callId = 'c1'): Promise<string[]> =>
    (await studentsOfCall(on.ledger, { channel: 'hall-7', callId })).map(
      ({ entry, answer }) => `${entry.id} ${entry.name} ${answer?.status ?? 'absent'}`,
    );

  it('are the roster in its order, those who are missing among them, and then others by name', async () => {
    await on.roster(['2', '韩梅梅'], ['1', '李雷']);
    const call = await on.open('c1');
    await on.answer(call, '1', '李雷');
    await on.answer(call, 'guest-w', '王芳');
    await on.answer(call, 'guest-l', '林涛', { status: 'late' });
    deepEqual(await list(), [
      '2 韩梅梅 absent',
      '1 李雷 present',
      'guest-l 林涛 late',
      'guest-w 王芳 present',
    ]);
  });

  it('have each the answer that counts, once, also who has changed hers', async () => {
    await on.roster(['1', '李雷']);
    const call = await on.open('c1', { kind: 'number', changeable: true });
    for (const sequence of [2, 3, 1]) {
      const answerId = `answer-no-${sequence}`;
      await on.answer(call, '1', '李雷', { rosterId: '1', answerId, sequence, value: sequence * 10 });
    }
    const students = await studentsOfCall(on.ledger, call);
    deepEqual(
      students.map(({ entry, answer }) => `${entry.id} ${answer?.value}`),
      ['1 30'],
    );
    const attendance = await takeAttendance(
      on.ledger,
      'hall-7',
      { broadcastId: null, startMs: call.atProgramTimeMs, endMs: call.atProgramTimeMs + 60_000 },
      [call],
    );
    deepEqual(
      attendance.students.map(({ answers }) => answers.map((answer) => answer?.value)),
      [[30]],
    );
  });

  it('have class or number beside their names where two have one', async () => {
    await on.ledger.putRoster('hall-7', [
      { id: '1', name: '王芳', group: '7-1' },
      { id: '2', name: '王芳', group: '7-2' },
      { id: '3', name: '李雷', group: '7-1' },
      { id: '4', name: '李雷', group: '7-1' },
      { id: '5', name: '林涛', group: '7-1' },
    ]);
    await on.answer(await on.open('c1'), 'guest-w', '王芳');
    const students = await studentsOfCall(on.ledger, { channel: 'hall-7', callId: 'c1' });
    deepEqual(
      students.map(({ entry, beside }) => `${entry.name} ${beside}`),
      ['王芳 7-1', '王芳 7-2', '李雷 3', '李雷 4', '林涛 ', '王芳 '],
    );
  });

  it('are those who were asked, where there is no roster', async () => {
    const call = await on.open('c1');
    await on.ledger.noteAsked('hall-7', 'c1', [
      { sub: 'a', name: 'Anna', rosterId: null },
      { sub: 'b', name: 'Bea', rosterId: null },
    ]);
    await on.answer(call, 'b', 'Bea');
    deepEqual(await list(), ['a Anna absent', 'b Bea present']);
  });

  it('of an earlier lesson are not mixed up with another class that is numbered the same', async () => {
    await on.roster(['1', '李雷'], ['2', '林涛']);
    const call = await on.open('c1');
    await on.answer(call, 'guest-li', '李雷', { rosterId: '1' });
    await on.roster(['1', '韩梅梅']);
    deepEqual(await list(), ['1 韩梅梅 absent', 'guest-li 李雷 present']);
  });

  it('who answered are all listed when the list has other numbers, or is gone', async () => {
    await on.roster(['1', '李雷']);
    const call = await on.open('c1');
    await on.answer(call, 'guest-li', '李雷', { rosterId: '1' });
    await on.roster(['20260001', '李雷']);
    deepEqual(await list(), ['20260001 李雷 present']);
    await on.roster(['77', '王芳']);
    deepEqual(await list(), ['77 王芳 absent', 'guest-li 李雷 present']);
    await on.roster();
    deepEqual(await list(), ['guest-li 李雷 present']);
  });

  it('who answered before the list was there are found on it', async () => {
    const call = await on.open('c1');
    await on.answer(call, 'guest-li', '李雷');
    await on.roster(['1', '李 雷']);
    deepEqual(await list(), ['1 李 雷 present']);
  });

  for (const { name, first } of [
    { name: 'first', first: 'guest' },
    { name: 'last', first: 'student' },
  ]) {
    it(`a guest who comes ${name} with a student's name does not take her place`, async () => {
      await on.roster(['1', '李雷']);
      const call = await on.open('c1');
      if (first === 'guest') await on.answer(call, 'guest-x', '李雷', { status: 'late', rosterId: '1' });
      on.clock.nowMs += 1000;
      await on.answer(call, '1', '李雷', { rosterId: '1' });
      on.clock.nowMs += 1000;
      if (first === 'student') await on.answer(call, 'guest-x', '李雷', { status: 'late', rosterId: '1' });
      deepEqual(await list(), ['1 李雷 present', 'guest-x 李雷 late']);
    });
  }

  it('of two guests with one name the first has the place, and both are listed', async () => {
    await on.roster(['1', '李雷']);
    const call = await on.open('c1');
    await on.answer(call, 'guest-b', '李雷', { receivedMs: on.clock.nowMs + 2 });
    await on.answer(call, 'guest-a', '李雷', { status: 'late', receivedMs: on.clock.nowMs + 1 });
    deepEqual(await list(), ['1 李雷 late', 'guest-b 李雷 present']);
  });
});
