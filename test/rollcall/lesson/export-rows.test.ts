import { deepEqual, equal } from 'node:assert/strict';
import { answerRows, attendanceRows, callRows } from '../../../rollcall/lesson/export-rows.ts';
import { SchoolTime } from '../../../rollcall/lesson/school-time.ts';
import { writeCsv } from '../../../rollcall/lesson/write-csv.ts';
import { parseCsv } from '../../../rollcall/roster/parse-csv.ts';
import { makeAnswer, makeCall } from '../ledger/ledger.contract.ts';

const AT_MS = Date.UTC(2026, 1, 17, 8, 30, 5);
const UTC = new SchoolTime('UTC');
const SHANGHAI = new SchoolTime('Asia/Shanghai');
const rowsOf = (text: string): (readonly string[])[] => {
  const rows = parseCsv(text);
  return rows.kind === 'rows' ? rows.rows.map(({ fields }) => fields) : [[rows.problem.code]];
};

describe('the attendance of a lesson as CSV', () => {
  const calls = [
    { callId: 'c1', kind: 'presence', prompt: 'Here?', choices: [], atProgramTimeMs: AT_MS },
    { callId: 'c2', kind: 'choice', prompt: '3 × 4?', choices: ['7', '12'], atProgramTimeMs: AT_MS + 60_000 },
  ] as const;
  const students = [
    {
      ...{ id: '1', name: '李, 雷', group: '7-1', onRoster: true, watchedMinutes: 40 },
      ...{ firstSeenMs: AT_MS, lastSeenMs: AT_MS + 2_400_000 },
      answers: [
        { status: 'present', value: null, reactionMs: 900 },
        { status: 'replay', value: 1, reactionMs: 900 },
      ],
    },
    {
      ...{ id: 'guest', name: '王芳', group: '', onRoster: false, watchedMinutes: 0 },
      ...{ firstSeenMs: null, lastSeenMs: null },
      answers: [
        { status: 'absent', value: null, reactionMs: null },
        { status: 'late', value: 0, reactionMs: 5000 },
      ],
    },
  ] as const;

  it('has a row a student, two columns a call, and the words of a choice; a replay is no answer', async () => {
    const lesson = { broadcastId: 'b1', startMs: AT_MS, endMs: AT_MS };
    const attendance = { channel: 'hall-7', lesson, calls, students };
    const text = await writeCsv(attendanceRows(attendance, UTC));
    equal(text.charCodeAt(0), 0xfeff);
    const [head, ...rows] = rowsOf(text);
    deepEqual(head?.slice(5), [
      ...['first seen (UTC)', 'last seen (UTC)', 'calls answered', 'calls'],
      ...['Here? 2026-02-17 (08:30:05 UTC)', 'Here? 2026-02-17 (08:30:05 UTC): answer'],
      ...['3 × 4? 2026-02-17 (08:31:05 UTC)', '3 × 4? 2026-02-17 (08:31:05 UTC): answer'],
    ]);
    deepEqual(rows, [
      [
        ...['1', '李, 雷', '7-1', 'yes', '40', '2026-02-17 08:30:05', '2026-02-17 09:10:05'],
        ...['1', '2', 'present', '', 'replay', '12'],
      ],
      ['guest', '王芳', '', 'no', '0', '', '', '1', '2', 'absent', '', 'late', '7'],
    ]);
  });

  it("has the times of the school's clocks, and says so", () => {
    const lesson = { broadcastId: 'b1', startMs: AT_MS, endMs: AT_MS };
    const [head, row] = [...attendanceRows({ channel: 'hall-7', lesson, calls, students }, SHANGHAI)];
    deepEqual(head?.slice(5, 10), [
      ...['first seen (Asia/Shanghai)', 'last seen (Asia/Shanghai)', 'calls answered', 'calls'],
      'Here? 2026-02-17 (16:30:05 +08:00)',
    ]);
    deepEqual(row?.slice(5, 7), ['2026-02-17 16:30:05', '2026-02-17 17:10:05']);
  });
});

describe('the answers of a call as CSV', () => {
  const call = makeCall({ kind: 'choice', choices: ['7', '12'] });
  const entry = { id: '1', name: '李雷', group: '7-1' };

  it('has a row a person, in seconds and UTC, and says who is absent', async () => {
    const answer = makeAnswer(call, '1', { receivedMs: AT_MS, reactionMs: 1250, value: 1 });
    const people = [
      { entry, answer, onRoster: true, beside: '' },
      { entry: { id: '2', name: '韩梅梅', group: '' }, answer: null, onRoster: true, beside: '' },
      {
        ...{ entry, onRoster: false, beside: '' },
        answer: { ...answer, stalled: true, status: 'late', value: 9 } as const,
      },
    ];
    deepEqual(rowsOf(await writeCsv(answerRows(call, people, UTC))).slice(1), [
      ['1', '李雷', '7-1', 'present', '12', '1.3', '2026-02-17 08:30:05', '', 'yes'],
      ['2', '韩梅梅', '', 'absent', '', '', '', '', 'yes'],
      ['1', '李雷', '7-1', 'late', '9', '1.3', '2026-02-17 08:30:05', 'yes', 'no'],
    ]);
  });
});

describe('the calls of a lesson as rows', () => {
  it('have date, time and counts, with strangers apart', () => {
    const call = makeCall({ kind: 'presence', prompt: 'Here?', atProgramTimeMs: AT_MS });
    const tally = {
      ...{ type: 'tally' as const, callId: call.callId, present: 2, late: 1, replay: 0, absent: 1, total: 4 },
      ...{ strangers: 3, connected: 5, values: [], reactionP50Ms: null, reactionP90Ms: null, changed: [] },
    };
    deepEqual([...callRows([{ call, tally }], SHANGHAI)][1], [
      '2026-02-17',
      '16:30:05',
      'presence',
      'Here?',
      2,
      1,
      0,
      1,
      4,
      3,
    ]);
  });
});
