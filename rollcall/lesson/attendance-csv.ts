import type { Answer, StoredCall, RosterEntry } from '../ledger/ledger.ts';
import type { AnswerValue } from '../protocol/answer.ts';
import type { Call } from '../protocol/call.ts';
import { type CsvFields, writeCsv } from './write-csv.ts';
import type { AttendedCall, LessonAttendance } from './attendance.ts';

/**
 * Writes the attendance of a lesson for a spreadsheet: a row for each student, two columns for each call. Times are UTC. Yields to
 * other work at intervals.
 *
 * @returns CSV in UTF-8 with a byte order mark
 */
export function attendanceCsv(attendance: LessonAttendance): Promise<string> {
  return writeCsv(attendanceRows(attendance));
}

/**
 * Writes the answers of one call for a spreadsheet: a row for each student, in the given order, those without an answer too.
 * Yields to other work at intervals.
 *
 * @returns CSV in UTF-8 with a byte order mark
 */
export function answersCsv(
  call: Pick<StoredCall, 'kind' | 'choices'>,
  students: Iterable<{ readonly entry: RosterEntry; readonly answer: Answer | null }>,
): Promise<string> {
  return writeCsv(answerRows(call, students));
}

function* attendanceRows({ calls, students }: LessonAttendance): Iterable<CsvFields> {
  const answered = (answers: readonly AttendedCall[]): number =>
    answers.filter(({ status }) => status === 'present' || status === 'late').length;
  yield [
    ...['id', 'name', 'group', 'on roster', 'minutes watched', 'first seen (UTC)', 'last seen (UTC)'],
    ...['calls answered', 'calls'],
    ...calls.flatMap(({ prompt, atProgramTimeMs }) => {
      const title = `${prompt} (${time(atProgramTimeMs).slice(11, 19)})`;
      return [title, `${title}: answer`];
    }),
  ];
  for (const { id, name, group, onRoster, watchedMinutes, firstSeenMs, lastSeenMs, answers } of students) {
    yield [
      ...[id, name, group, onRoster ? 'yes' : 'no', watchedMinutes],
      ...[firstSeenMs === null ? '' : time(firstSeenMs), lastSeenMs === null ? '' : time(lastSeenMs)],
      ...[answered(answers), calls.length],
      ...answers.flatMap(({ status, value }, i) => [status, valueText(calls[i], value)]),
    ];
  }
}

function* answerRows(
  call: Pick<StoredCall, 'kind' | 'choices'>,
  students: Iterable<{ readonly entry: RosterEntry; readonly answer: Answer | null }>,
): Iterable<CsvFields> {
  yield ['id', 'name', 'group', 'status', 'answer', 'seconds', 'answered (UTC)', 'stalled'];
  for (const { entry, answer } of students) {
    const { id, name, group } = entry;
    if (answer === null) yield [id, name, group, 'absent', '', '', '', ''];
    else {
      const { status, value, reactionMs, receivedMs, stalled } = answer;
      const seconds = Math.round(reactionMs / 100) / 10;
      yield [
        ...[id, name, group, status, valueText(call, value), seconds],
        ...[time(receivedMs), stalled ? 'yes' : ''],
      ];
    }
  }
}

function valueText(call: Pick<Call, 'kind' | 'choices'> | undefined, value: AnswerValue): string | number {
  if (call?.kind === 'choice' && typeof value === 'number') return call.choices[value] ?? value;
  return value ?? '';
}

function time(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
