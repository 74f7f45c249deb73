import type { Answer, StoredCall } from '../ledger/ledger.ts';
import type { AnswerValue } from '../protocol/answer.ts';
import type { Call } from '../protocol/call.ts';
import type { TallyFrame } from '../protocol/frames.ts';
import type { AttendedCall, LessonAttendance } from './attendance.ts';
import type { CallStudent } from './call-students.ts';
import type { SchoolTime } from './school-time.ts';
import type { CsvFields } from './write-csv.ts';

/**
 * The attendance of a lesson for a spreadsheet: a row for each student, two columns for each call. Headings of calls have date,
 * time and offset from UTC.
 */
export function* attendanceRows(
  { calls, students }: LessonAttendance,
  time: SchoolTime,
): Generator<CsvFields, void, undefined> {
  const answered = (answers: readonly AttendedCall[]): number =>
    answers.filter(({ status }) => status === 'present' || status === 'late').length;
  yield [
    ...['id', 'name', 'group', 'on roster', 'minutes watched'],
    ...[`first seen (${time.zone})`, `last seen (${time.zone})`],
    ...['calls answered', 'calls'],
    ...calls.flatMap(({ prompt, atProgramTimeMs: at }) => {
      const title = `${prompt} ${time.day(at)} (${time.clock(at)} ${time.offset(at)})`;
      return [title, `${title}: answer`];
    }),
  ];
  for (const { id, name, group, onRoster, watchedMinutes, firstSeenMs, lastSeenMs, answers } of students) {
    yield [
      ...[id, name, group, onRoster ? 'yes' : 'no', watchedMinutes],
      ...[
        firstSeenMs === null ? '' : time.moment(firstSeenMs),
        lastSeenMs === null ? '' : time.moment(lastSeenMs),
      ],
      ...[answered(answers), calls.length],
      ...answers.flatMap(({ status, value }, i) => [status, valueText(calls[i], value)]),
    ];
  }
}

/** The answers of one call for a spreadsheet: a row for each student, in the given order, those without an answer too. */
export function* answerRows(
  call: Pick<StoredCall, 'kind' | 'choices'>,
  students: Iterable<CallStudent>,
  time: SchoolTime,
): Generator<CsvFields, void, undefined> {
  yield [
    ...[
      'id',
      'name',
      'group',
      'status',
      'answer',
      'seconds',
      `answered (${time.zone})`,
      'stalled',
      'on roster',
    ],
  ];
  for (const { entry, answer, onRoster } of students) {
    const { id, name, group } = entry;
    const onList = onRoster ? 'yes' : 'no';
    if (answer === null) yield [id, name, group, 'absent', '', '', '', '', onList];
    else {
      const { status, value, receivedMs, stalled } = answer;
      yield [
        ...[id, name, group, status, valueText(call, value), seconds(answer)],
        ...[time.moment(receivedMs), stalled ? 'yes' : '', onList],
      ];
    }
  }
}

/** The calls of a lesson for a spreadsheet, with their counts: a row for each. */
export function* callRows(
  calls: Iterable<{
    readonly call: Pick<StoredCall, 'kind' | 'prompt' | 'atProgramTimeMs'>;
    readonly tally: TallyFrame;
  }>,
  time: SchoolTime,
): Generator<CsvFields, void, undefined> {
  yield [
    ...['date', `time (${time.zone})`, 'kind', 'question', 'present', 'late', 'watched later', 'absent'],
    ...['in all', 'not on roster'],
  ];
  for (const { call, tally } of calls) {
    const { atProgramTimeMs: at, kind, prompt } = call;
    const { present, late, replay, absent, total, strangers } = tally;
    yield [time.day(at), time.clock(at), kind, prompt, present, late, replay, absent, total, strangers];
  }
}

/** In tenths. */
function seconds({ reactionMs }: Pick<Answer, 'reactionMs'>): number {
  return Math.round(reactionMs / 100) / 10;
}

function valueText(call: Pick<Call, 'kind' | 'choices'> | undefined, value: AnswerValue): string | number {
  if (call?.kind === 'choice' && typeof value === 'number') return call.choices[value] ?? value;
  return value ?? '';
}
