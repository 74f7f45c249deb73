import type { Answer, KeptCall, RosterEntry } from '../ledger/ledger.ts';
import type { AnswerValue } from '../protocol/answer.ts';
import type { Call } from '../protocol/call.ts';
import { writeCsv } from '../roster/csv.ts';
import type { AttendedCall, LessonAttendance } from './attendance.ts';

/**
 * Writes the attendance of a lesson for a spreadsheet: a row a student, two columns a call. Times are UTC.
 *
 * @returns CSV in UTF-8 with a byte order mark
 */
export function attendanceCsv({ calls, students }: LessonAttendance): string {
  const answered = (answers: readonly AttendedCall[]): number =>
    answers.filter(({ status }) => status === 'present' || status === 'late').length;
  const head = [
    ...['id', 'name', 'group', 'on roster', 'minutes watched', 'first seen (UTC)', 'last seen (UTC)'],
    ...['calls answered', 'calls'],
    ...calls.flatMap(({ prompt, atProgramTimeMs }) => {
      const title = `${prompt} (${time(atProgramTimeMs).slice(11, 19)})`;
      return [title, `${title}: answer`];
    }),
  ];
  const rows = students.map(
    ({ id, name, group, onRoster, watchedMinutes, firstSeenMs, lastSeenMs, answers }) => [
      ...[id, name, group, onRoster ? 'yes' : 'no', watchedMinutes],
      ...[firstSeenMs === null ? '' : time(firstSeenMs), lastSeenMs === null ? '' : time(lastSeenMs)],
      ...[answered(answers), calls.length],
      ...answers.flatMap(({ status, value }, i) => [status, valueText(calls[i], value)]),
    ],
  );
  return writeCsv([head, ...rows]);
}

/**
 * Writes the answers of one call for a spreadsheet: those of the roster first, in its order, those who are missing among them.
 *
 * @returns CSV in UTF-8 with a byte order mark
 */
export function answersCsv(
  call: KeptCall,
  people: Iterable<{ readonly entry: RosterEntry; readonly answer: Answer | null }>,
): string {
  const rows: (string | number | null)[][] = [
    ['id', 'name', 'group', 'status', 'answer', 'seconds', 'answered (UTC)', 'stalled'],
  ];
  for (const { entry, answer } of people) {
    const { id, name, group } = entry;
    if (answer === null) rows.push([id, name, group, 'absent', '', '', '', '']);
    else {
      const { status, value, reactionMs, receivedMs, stalled } = answer;
      const seconds = Math.round(reactionMs / 100) / 10;
      rows.push([
        id,
        name,
        group,
        status,
        valueText(call, value),
        seconds,
        time(receivedMs),
        stalled ? 'yes' : '',
      ]);
    }
  }
  return writeCsv(rows);
}

function valueText(call: Pick<Call, 'kind' | 'choices'> | undefined, value: AnswerValue): string | number {
  if (call?.kind === 'choice' && typeof value === 'number') return call.choices[value] ?? value;
  return value ?? '';
}

function time(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
