import { forEachYielding } from '../../shared/for-each-yielding.ts';
import type { Answer, Attendee, StoredCall, Ledger, RosterEntry } from '../ledger/ledger.ts';
import type { AnswerStatus, AnswerValue } from '../protocol/answer.ts';
import { overMs } from '../protocol/call.ts';
import { sortByName } from '../roster/name-order.ts';
import { RosterIndex } from '../roster/roster-index.ts';
import { PeriodicYield } from './periodic-yield.ts';
import { matchAnswersToRoster } from './roster-answers.ts';

/** The class of which attendance is taken. */
export type Lesson = {
  /** Null for calls that were made while no class was kept. */
  readonly broadcastId: string | null;
  /** UTC milliseconds of program date time. */
  readonly startMs: number;
  readonly endMs: number;
};

/** One answer, as it stands in an attendance. */
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
  /** Minutes of the class of which half or more was played. */
  readonly watchedMinutes: number;
  /** UTC milliseconds of the first and the last of them; null without one. */
  readonly firstSeenMs: number | null;
  readonly lastSeenMs: number | null;
  /** One a call, in the order of `calls`. */
  readonly answers: readonly AttendedCall[];
};

/** Who was in a lesson. */
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
  readonly minutes: Set<number>;
  readonly answers: Map<string, Answer>;
};

/**
 * Takes the attendance of a lesson: everybody of the roster, in its order, then everybody else who was asked, answered, or
 * watched, by name. Who is on the roster is one person, however many devices she came with; whose answers count for her is
 * told by {@link matchAnswersToRoster}, and every answer is listed. Lets go of the process now and then: a city has 100,000 rows.
 *
 * @param entries the roster of that lesson; the channel's of today when left out
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
  const pupils = new Map<string, Row>();
  const others = new Map<string, Row>();
  const otherRow = ({ sub, name }: Pick<Attendee, 'sub' | 'name'>): Row => {
    const row = others.get(sub) ?? rowOf({ id: sub, name, group: '' }, false);
    others.set(sub, row);
    return row;
  };
  const findRow = (attendee: Attendee): Row => {
    const { sub, name } = attendee;
    const id = roster.find(sub, name);
    // Whose answer did not count for the one of that name is somebody else.
    const isHerself = id !== null && (id === sub || !others.has(sub));
    return (isHerself ? pupils.get(id) : undefined) ?? otherRow(attendee);
  };
  await forEachYielding(roster.entries, (entry) => pupils.set(entry.id, rowOf(entry, true)));
  for (const { callId } of calls) {
    const { byEntryId, unmatchedBySub } = await matchAnswersToRoster(ledger, roster, channel, callId);
    await forEachYielding(byEntryId, ([id, answer]) => pupils.get(id)?.answers.set(callId, answer));
    await forEachYielding(unmatchedBySub.values(), (answer) => otherRow(answer).answers.set(callId, answer));
  }
  const pace = new PeriodicYield();
  for (const { callId } of calls) {
    for await (const attendee of ledger.asked(channel, callId)) {
      await pace.row();
      findRow(attendee);
    }
  }
  const { fromMinute, toMinute } = minutesOf(lesson);
  for await (const watcher of ledger.watchers(channel, fromMinute, toMinute)) {
    await pace.row();
    const { minutes } = findRow(watcher);
    for (const minute of watcher.minutes) minutes.add(minute);
  }
  const students: Attendance[] = [];
  await forEachYielding(pupils.values(), (row) => students.push(attendanceOf(row, calls)));
  const strangers: Attendance[] = [];
  await forEachYielding(others.values(), (row) => strangers.push(attendanceOf(row, calls)));
  for (const stranger of await sortByName(strangers)) students.push(stranger);
  return {
    ...{ channel, lesson },
    calls: calls.map(({ callId, kind, prompt, choices, atProgramTimeMs }) => {
      return { callId, kind, prompt, choices, atProgramTimeMs };
    }),
    students,
  };
}

/**
 * The lesson of a channel's calls: those of one broadcast; without one, those of the newest stretch of calls that are less
 * than three hours apart.
 *
 * @param calls oldest first
 * @param broadcastId null for the newest lesson
 * @param untilMs where it ends at the latest, UTC milliseconds: now, or the end of the broadcast where that is known
 * @returns null where there is none. It ends where the next one begins that any of the calls tells of, and a day after its
 *   start at the latest.
 */
export function lessonOf(
  calls: readonly StoredCall[],
  broadcastId: string | null,
  untilMs: number,
): { readonly lesson: Lesson; readonly calls: readonly StoredCall[] } | null {
  const newest = calls.at(-1);
  const wanted = broadcastId ?? newest?.broadcast?.id ?? null;
  if (wanted !== null) {
    const own = calls.filter(({ broadcast }) => broadcast?.id === wanted);
    const startMs = own[0]?.broadcast?.startMs;
    if (startMs === undefined) return null;
    const others = calls.flatMap(({ broadcast }) => broadcast ?? []);
    return { lesson: lessonOfBroadcast({ id: wanted, startMs }, others, untilMs), calls: own };
  }
  if (newest === undefined) return null;
  let first = calls.length - 1;
  const at = (i: number): number => calls[i]?.atProgramTimeMs ?? 0;
  while (first > 0 && calls[first - 1]?.broadcast === null && at(first) - at(first - 1) < LESSON_GAP_MS)
    first--;
  const before = calls[first - 1];
  const startMs = Math.max(at(first) - LEAD_MS, before === undefined ? 0 : overMs(before));
  const endMs = Math.max(startMs, Math.min(untilMs, newest.atProgramTimeMs + LEAD_MS));
  return { lesson: { broadcastId: null, startMs, endMs }, calls: calls.slice(first) };
}

/**
 * When a broadcast's lesson was.
 *
 * @param others broadcasts of its channel, in any order, itself among them or not: it ends where the next one begins
 * @param untilMs where it ends at the latest, UTC milliseconds
 */
export function lessonOfBroadcast(
  { id, startMs }: NonNullable<StoredCall['broadcast']>,
  others: readonly { readonly id: string; readonly startMs: number }[],
  untilMs: number,
): Lesson {
  let endMs = Math.min(untilMs, startMs + DAY_MS);
  for (const other of others) {
    if (other.id !== id && other.startMs > startMs) endMs = Math.min(endMs, other.startMs);
  }
  return { broadcastId: id, startMs, endMs: Math.max(startMs, endMs) };
}

const DAY_MS = 86_400_000;
const LESSON_GAP_MS = 3 * 3_600_000;
/** A lesson that nobody kept is taken to have begun this long before its first call, and to end so long after its last. */
const LEAD_MS = 3_600_000;

/** The minutes that a lesson has a part of, both inclusive, minutes since the epoch. */
function minutesOf({ startMs, endMs }: Lesson): { readonly fromMinute: number; readonly toMinute: number } {
  const fromMinute = Math.floor(startMs / MINUTE_MS);
  // A minute that begins with the end is the next lesson's.
  return { fromMinute, toMinute: Math.max(fromMinute, Math.ceil(endMs / MINUTE_MS) - 1) };
}

function rowOf(entry: RosterEntry, onRoster: boolean): Row {
  return { entry, onRoster, minutes: new Set(), answers: new Map() };
}

function attendanceOf({ entry, onRoster, minutes, answers }: Row, calls: readonly StoredCall[]): Attendance {
  const seen = [...minutes].sort((a, b) => a - b);
  const [first, last] = [seen[0], seen.at(-1)];
  return {
    ...entry,
    onRoster,
    watchedMinutes: seen.length,
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
