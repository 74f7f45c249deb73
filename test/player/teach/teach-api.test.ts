import { deepEqual, equal } from 'node:assert/strict';
import { fileNameOf, readLesson } from '../../../player/teach/teach-api.ts';

const tally = {
  ...{
    type: 'tally',
    callId: 'c1',
    present: 1,
    late: 0,
    replay: 0,
    absent: 1,
    total: 2,
    strangers: 1,
    connected: 3,
  },
  ...{ values: [], reactionP50Ms: null, reactionP90Ms: null, changed: [] },
};
const call = {
  ...{ callId: 'c1', kind: 'presence', prompt: 'Here?', atProgramTimeMs: 5, windowMs: 1, graceMs: 1 },
};
const lesson = (change: object, of: object = {}): unknown => ({
  ...{ serverTimeMs: 1, connected: 3, roster: { size: 2 }, calls: [{ ...call, tally, ...of }], ...change },
});

describe("a lesson in a teacher's page", () => {
  for (const { name, value, want } of [
    {
      name: 'of the class on air',
      value: lesson({ lesson: { broadcast: 'b1', startMs: 4 } }, { thisLesson: true, broadcast: 'b1' }),
      want: [4, true, 'b1', 1],
    },
    {
      name: 'with a call of an earlier one',
      value: lesson({ lesson: { broadcast: null, startMs: null } }, { thisLesson: false, broadcast: null }),
      want: [null, false, null, 1],
    },
    { name: 'of a server that does not tell lessons apart', value: lesson({}), want: [null, true, null, 1] },
  ]) {
    it(`is read: ${name}`, () => {
      const read = readLesson(value);
      const [first] = read?.calls ?? [];
      deepEqual([read?.startMs, first?.isOfThisLesson, first?.broadcast, first?.tally.strangers], want);
    });
  }

  for (const { header, want } of [
    { header: `attachment; filename="_.csv"; filename*=UTF-8''%E4%B8%83%201.csv`, want: '七 1.csv' },
    { header: 'attachment; filename="a.csv"', want: null },
    { header: "attachment; filename*=UTF-8''%E4%B8", want: null },
    { header: null, want: null },
  ]) {
    it(`calls a file ${want} by ${header}`, () => equal(fileNameOf(header), want));
  }
});
