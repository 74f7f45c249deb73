import { deepEqual, equal } from 'node:assert/strict';
import { type LogRecord, readRecord, timeOf } from '../../../../rollcall/ledger/file/log-record.ts';
import { makeAnswer, makeCall } from '../ledger.contract.ts';

const CALL = makeCall({ atProgramTimeMs: 1000 });
const LI = { sub: 'li', name: '李雷', rosterId: null };
const RECORDS: readonly (readonly [LogRecord, timeMs: number])[] = [
  [{ t: 'call', call: CALL }, 1000],
  [{ t: 'answer', answer: makeAnswer(CALL, 'li', { receivedMs: 2000 }) }, 2000],
  [{ t: 'watched', channel: 'hall-7', attendee: LI, minute: 3 }, 180_000],
  [{ t: 'asked', callId: 'c1', attendees: [LI], atMs: 4000 }, 4000],
  [{ t: 'probe', atMs: 5000 }, 5000],
  [{ t: 'roster', channel: 'hall-7', entries: [{ id: '1', name: '李雷', group: '' }], atMs: 6000 }, 6000],
];

describe('a record of the log', () => {
  for (const [record, timeMs] of RECORDS) {
    it(`of type ${record.t} is read as it was written, and tells its time`, () => {
      deepEqual(readRecord(JSON.parse(JSON.stringify(record))), record);
      equal(timeOf(record), timeMs);
    });

    it(`of type ${record.t} is rejected without one of its members`, () => {
      for (const name of Object.keys(record)) {
        const { [name]: _left, ...rest } = record as Record<string, unknown>;
        equal(readRecord(rest), null, name);
      }
    });
  }

  it('of an unknown type is rejected', () => equal(readRecord({ t: 'quiz', atMs: 1 }), null));

  it('has no students who are not valid', () => {
    const record = { t: 'asked', callId: 'c1', attendees: [LI, { sub: 7 }, null], atMs: 1 };
    deepEqual(readRecord(record), { ...record, attendees: [LI] });
  });
});
