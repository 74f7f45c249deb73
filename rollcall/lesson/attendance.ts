import { forEachYielding } from '../../shared/for-each-yielding.ts';
import type { Answer, Attendee, Ledger, RosterEntry, StoredCall } from '../ledger/ledger.ts';
import type { AnswerStatus, AnswerValue } from '../protocol/answer.ts';
import { sortByName } from '../roster/name-order.ts';
import { RosterIndex } from '../roster/roster-index.ts';
import type { Lesson } from './lesson.ts';
import { PeriodicYield } from './periodic-yield.ts';
import { matchAnswersToRoster } from './roster-answers.ts';

/** One student's answer to one call. */
export type AttendedCall = {
  readonly status: AnswerStatus | 'absent';
  readonly value: AnswerValue;
  readonly reactionMs: number | null;
};

/** One student of a lesson. */
export type Attendance = {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly onRoster: boolean;
  /** Minutes of the lesson of which she played half or more. */
  readonly watchedMinutes: number;
  /** Start of the first and end of the last of these minutes, UTC milliseconds; null without one. */
  readonly firstSeenMs: number | null;
  readonly lastSeenMs: number | null;
  /** One for each call, in the order of `calls`. */
  readonly answers: readonly AttendedCall[];
};

/** Who attended a lesson. */
export type LessonAttendance = {
  readonly channel: string;
  readonly lesson: Lesson;
  readonly calls: readonly Pick<StoredCall, 'callId' | 'kind' | 'prompt' | 'choices' | 'atProgramTimeMs'>[];
  readonly students: readonly Attendance[];
};

const MINUTE_MS = 60_000;
const ABSENT: AttendedCall = { status: 'absent', value: null, reactionMs: null };

type Row = {
  readonly entry: RosterEntry;
  readonly onRoster: boolean;
  /** Minutes since the epoch. */
  readonly minutes: Set<number>;
  /** By call id. */
  readonly answers: Map<string, Answer>;
};

/** Rows of the class list, and of everybody else by `sub`. */
class Rows {
  readonly onRoster = new Map<string, Row>();
  readonly others = new Map<string, Row>();
  readonly #roster: RosterIndex;

  constructor(roster: RosterIndex) {
    this.#roster = roster;
  }

  /** The row of somebody who is not on the class list; made where there is none. */
  other({ sub, name }: Pick<Attendee, 'sub' | 'name'>): Row {
    const row = this.others.get(sub) ?? rowOf({ id: sub, name, group: '' }, false);
    this.others.set(sub, row);
    return row;
  }

  /** The row of somebody who was asked or watched. */
  find(attendee: Attendee): Row {
    const { sub, name } = attendee;
    const id = this.#roster.find(sub, name);
    // Somebody whose answer was not counted for the entry of her name is another person.
    const isEntry = id !== null && (id === sub || !this.others.has(sub));
    return (isEntry ? this.onRoster.get(id) : undefined) ?? this.other(attendee);
  }
}

/**
 * Takes the attendance of a lesson: everybody on the class list, in its order, then everybody else who was asked, answered or
 * watched, by name. A student on the class list is one row however many devices she used; {@link matchAnswersToRoster} decides
 * whose answers count for her, and every answer is listed. Yields to other work at intervals: a city has 100,000 rows.
 *
 * @param entries the class list of that lesson; the channel's present one by default
 * @throws {LedgerError} `ledger-unavailable`
 */
export async function takeAttendance(
  ledger: Pick<Ledger, 'roster' | 'answers' | 'asked' | 'watchers'>,
  channel: string,
  lesson: Lesson,
  calls: readonly StoredCall[],
  entries?: readonly RosterEntry[],
): Promise<LessonAttendance> {
  const roster = await RosterIndex.of(entries ?? (await ledger.roster(channel)));
  const rows = new Rows(roster);
  await forEachYielding(roster.entries, (entry) => rows.onRoster.set(entry.id, rowOf(entry, true)));
  for (const { callId } of calls) {
    const { byEntryId, unmatchedBySub } = await matchAnswersToRoster(ledger, roster, channel, callId);
    await forEachYielding(byEntryId, ([id, answer]) => rows.onRoster.get(id)?.answers.set(callId, answer));
    await forEachYielding(unmatchedBySub.values(), (answer) =>
      rows.other(answer).answers.set(callId, answer),
    );
  }
  const periodicYield = new PeriodicYield();
  for (const { callId } of calls) {
    for await (const attendee of ledger.asked(channel, callId)) {
      await periodicYield.afterRow();
      rows.find(attendee);
    }
  }
  const { fromMinute, toMinute } = minutesOf(lesson);
  for await (const watcher of ledger.watchers(channel, fromMinute, toMinute)) {
    await periodicYield.afterRow();
    const { minutes } = rows.find(watcher);
    for (const minute of watcher.minutes) minutes.add(minute);
  }
  const students: Attendance[] = [];
  await forEachYielding(rows.onRoster.values(), (row) => students.push(attendanceOf(row, calls)));
  const others: Attendance[] = [];
  await forEachYielding(rows.others.values(), (row) => others.push(attendanceOf(row, calls)));
  for (const other of await sortByName(others)) students.push(other);
  return {
    ...{ channel, lesson },
    calls: calls.map(({ callId, kind, prompt, choices, atProgramTimeMs }) => {
      return { callId, kind, prompt, choices, atProgramTimeMs };
    }),
    students,
  };
}

/** The minutes that overlap a lesson, both inclusive, minutes since the epoch. */
function minutesOf({ startMs, endMs }: Lesson): { readonly fromMinute: number; readonly toMinute: number } {
  const fromMinute = Math.floor(startMs / MINUTE_MS);
  // A minute that begins where the lesson ends belongs to the next one.
  return { fromMinute, toMinute: Math.max(fromMinute, Math.ceil(endMs / MINUTE_MS) - 1) };
}

function rowOf(entry: RosterEntry, onRoster: boolean): Row {
  return { entry, onRoster, minutes: new Set(), answers: new Map() };
}

function attendanceOf({ entry, onRoster, minutes, answers }: Row, calls: readonly StoredCall[]): Attendance {
  const watched = [...minutes].sort((a, b) => a - b);
  const [first, last] = [watched[0], watched.at(-1)];
  return {
    ...entry,
    onRoster,
    watchedMinutes: watched.length,
    firstSeenMs: first === undefined ? null : first * MINUTE_MS,
    lastSeenMs: last === undefined ? null : (last + 1) * MINUTE_MS,
    answers: calls.map(({ callId }) => {
      const answer = answers.get(callId);
      if (answer === undefined) return ABSENT;
      const { status, value, reactionMs } = answer;
      return { status, value, reactionMs };
    }),
  };
}
