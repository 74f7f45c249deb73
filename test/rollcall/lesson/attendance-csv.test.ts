import { deepEqual, equal } from 'node:assert/strict';
import { answersCsv, attendanceCsv } from '../../../rollcall/lesson/attendance-csv.ts';
import { parseCsv } from '../../../rollcall/roster/parse-csv.ts';
import { makeAnswer, makeCall } from '../ledger/ledger.contract.ts';

const AT_MS = Date.UTC(2026, 1, 17, 8, 30, 5);
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
    const text = await attendanceCsv({ channel: 'hall-7', lesson, calls, students });
    equal(text.charCodeAt(0), 0xfeff);
    const [head, ...rows] = rowsOf(text);
    deepEqual(head?.slice(7), [
      ...['calls answered', 'calls', 'Here? (08:30:05)', 'Here? (08:30:05): answer'],
      ...['3 × 4? (08:31:05)', '3 × 4? (08:31:05): answer'],
    ]);
    deepEqual(rows, [
      [
        ...['1', '李, 雷', '7-1', 'yes', '40', '2026-02-17 08:30:05', '2026-02-17 09:10:05'],
        ...['1', '2', 'present', '', 'replay', '12'],
      ],
      ['guest', '王芳', '', 'no', '0', '', '', '1', '2', 'absent', '', 'late', '7'],
    ]);
  });
});

describe('the answers of a call as CSV', () => {
  const call = makeCall({ kind: 'choice', choices: ['7', '12'] });
  const entry = { id: '1', name: '李雷', group: '7-1' };

  it('has a row a person, in seconds and UTC, and says who is absent', async () => {
    const answer = makeAnswer(call, '1', { receivedMs: AT_MS, reactionMs: 1250, value: 1 });
    const people = [
      { entry, answer },
      { entry: { id: '2', name: '韩梅梅', group: '' }, answer: null },
      { entry, answer: { ...answer, stalled: true, status: 'late', value: 9 } as const },
    ];
    deepEqual(rowsOf(await answersCsv(call, people)).slice(1), [
      ['1', '李雷', '7-1', 'present', '12', '1.3', '2026-02-17 08:30:05', ''],
      ['2', '韩梅梅', '', 'absent', '', '', '', ''],
      ['1', '李雷', '7-1', 'late', '9', '1.3', '2026-02-17 08:30:05', 'yes'],
    ]);
  });
});
