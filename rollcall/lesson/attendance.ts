import type { Answer, Attendee, KeptCall, Ledger, RosterEntry } from '../ledger/ledger.ts';
import type { AnswerStatus, AnswerValue } from '../protocol/answer.ts';
import { compareNames } from '../roster/name-order.ts';
import { RosterIndex } from '../roster/roster-index.ts';

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
  readonly calls: readonly Pick<KeptCall, 'callId' | 'kind' | 'prompt' | 'choices' | 'atProgramTimeMs'>[];
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
 * watched, by name. Who is on the roster is one person, however many devices she came with.
 *
 * @throws {LedgerError} `ledger-unavailable`
 */
export async function takeAttendance(
  ledger: Ledger,
  channel: string,
  lesson: Lesson,
  calls: readonly KeptCall[],
): Promise<LessonAttendance> {
  const roster = new RosterIndex(await ledger.roster(channel));
  const rows = new Map<string, Row>();
  const rowOf = ({ sub, name, rosterId }: Attendee): Row => {
    // Who had answered before the roster was uploaded is found on it now.
    const id = rosterId ?? roster.find(sub, name) ?? `guest:${sub}`;
    let row = rows.get(id);
    if (row === undefined) {
      const entry = { id: sub, name, group: '' };
      row = { entry, onRoster: false, minutes: new Set(), answers: new Map() };
      rows.set(id, row);
    }
    return row;
  };
  for (const entry of roster.entries) {
    rows.set(entry.id, { entry, onRoster: true, minutes: new Set(), answers: new Map() });
  }
  for (const { callId } of calls) {
    for await (const attendee of ledger.asked(channel, callId)) rowOf(attendee);
    for await (const answer of ledger.answers(channel, callId)) {
      const { answers } = rowOf(answer);
      // Two devices of one person on the roster: the first answer is hers.
      const known = answers.get(callId);
      if (known === undefined || answer.receivedMs < known.receivedMs) answers.set(callId, answer);
    }
  }
  const [fromMinute, toMinute] = [lesson.startMs, lesson.endMs].map((ms) => Math.floor(ms / MINUTE_MS));
  for await (const watcher of ledger.watchers(channel, fromMinute ?? 0, toMinute ?? 0)) {
    const { minutes } = rowOf(watcher);
    for (const minute of watcher.minutes) minutes.add(minute);
  }
  const all = [...rows.values()];
  const others = all.filter(({ onRoster }) => !onRoster).sort(byName);
  return {
    ...{ channel, lesson },
    calls: calls.map(({ callId, kind, prompt, choices, atProgramTimeMs }) => {
      return { callId, kind, prompt, choices, atProgramTimeMs };
    }),
    students: [...all.filter(({ onRoster }) => onRoster), ...others].map((row) => attendanceOf(row, calls)),
  };
}

/**
 * The lesson of a channel's calls: those of one broadcast; without one, those of the newest stretch of calls that are less
 * than three hours apart.
 *
 * @param calls oldest first
 * @param broadcastId null for the newest lesson
 * @returns null where there is none
 */
export function lessonOf(
  calls: readonly KeptCall[],
  broadcastId: string | null,
  nowMs: number,
): { readonly lesson: Lesson; readonly calls: readonly KeptCall[] } | null {
  const newest = calls.at(-1);
  const wanted = broadcastId ?? newest?.broadcast?.id ?? null;
  if (wanted !== null) {
    const own = calls.filter(({ broadcast }) => broadcast?.id === wanted);
    const startMs = own[0]?.broadcast?.startMs;
    if (startMs === undefined) return null;
    return { lesson: { broadcastId: wanted, startMs, endMs: Math.min(nowMs, startMs + DAY_MS) }, calls: own };
  }
  if (newest === undefined) return null;
  let first = calls.length - 1;
  const at = (i: number): number => calls[i]?.atProgramTimeMs ?? 0;
  while (first > 0 && calls[first - 1]?.broadcast === null && at(first) - at(first - 1) < LESSON_GAP_MS)
    first--;
  const startMs = at(first) - LEAD_MS;
  const endMs = Math.min(nowMs, newest.atProgramTimeMs + LEAD_MS);
  return { lesson: { broadcastId: null, startMs, endMs }, calls: calls.slice(first) };
}

const DAY_MS = 86_400_000;
const LESSON_GAP_MS = 3 * 3_600_000;
/** A lesson that nobody kept is taken to have begun this long before its first call, and to end so long after its last. */
const LEAD_MS = 3_600_000;

function attendanceOf({ entry, onRoster, minutes, answers }: Row, calls: readonly KeptCall[]): Attendance {
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

function byName(a: Row, b: Row): number {
  return compareNames(a.entry.name, b.entry.name) || (a.entry.id < b.entry.id ? -1 : 1);
}
