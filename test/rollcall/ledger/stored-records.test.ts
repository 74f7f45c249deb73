import { deepEqual, equal } from 'node:assert/strict';
import {
  readAnswer,
  readAttendee,
  readRoster,
  readStoredCall,
} from '../../../rollcall/ledger/stored-records.ts';
import { makeAnswer, makeCall } from './ledger.contract.ts';

const CALL = makeCall({ kind: 'choice', choices: ['a', 'b'], broadcast: { id: 'b1', startMs: 5 } });
const ANSWER = makeAnswer(CALL, 'li', { value: 1 });

describe('a stored call', () => {
  it('is read as it was written, also when it was closed at once', () => {
    const closed = { ...CALL, windowMs: 0, settled: true, broadcast: null };
    for (const call of [CALL, closed, { ...CALL, changeable: true }]) {
      deepEqual(readStoredCall(JSON.parse(JSON.stringify(call))), call);
    }
  });

  it('is not settled, and has no broadcast, where that is missing', () => {
    const { settled: _settled, broadcast: _broadcast, ...rest } = CALL;
    deepEqual(readStoredCall(rest), { ...rest, settled: false, broadcast: null });
  });

  for (const change of [
    { windowMs: -1 },
    { windowMs: '20000' },
    { callId: 'A' },
    { channel: 'Hall 7' },
    { atProgramTimeMs: null },
    { openedBy: 7 },
    { kind: 'quiz' },
    { choices: ['a'] },
  ]) {
    it(`is rejected with ${JSON.stringify(change)}`, () =>
      equal(readStoredCall({ ...CALL, ...change }), null));
  }
});

describe('a stored answer', () => {
  it('is read as it was written, with its place among those of its student', () => {
    for (const answer of [ANSWER, { ...ANSWER, sequence: 0 }, { ...ANSWER, sequence: 1_766_000_000_000 }]) {
      deepEqual(readAnswer(JSON.parse(JSON.stringify(answer))), answer);
    }
  });

  it('counts as the first where its place is not valid', () => {
    for (const sequence of [-1, 0.5, '7', null]) deepEqual(readAnswer({ ...ANSWER, sequence }), ANSWER);
  });

  for (const change of [
    { status: 'early' },
    { sub: 7 },
    { rosterId: 7 },
    { channel: '' },
    { reactionMs: '1' },
    { receivedMs: null },
    { answerId: 'short' },
  ]) {
    it(`is rejected with ${JSON.stringify(change)}`, () => equal(readAnswer({ ...ANSWER, ...change }), null));
  }
});

describe('a stored student, and a stored class list', () => {
  it('are read as they were written', () => {
    const student = { sub: 'li', name: '李雷', rosterId: null };
    deepEqual(readAttendee(student), student);
    const list = [{ id: '1', name: '李雷', group: '' }];
    deepEqual(readRoster(list), list);
  });

  it('are rejected as a whole when a member is not valid', () => {
    equal(readAttendee({ sub: 'li', name: '李雷', rosterId: 7 }), null);
    equal(readAttendee({ sub: 'li', rosterId: null }), null);
    equal(
      readRoster([
        { id: '1', name: '李雷', group: '' },
        { id: '2', name: '韩梅梅' },
      ]),
      null,
    );
    equal(readRoster({}), null);
  });
});
