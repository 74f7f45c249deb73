import type { BroadcastRef, StoredCall } from '../ledger/ledger.ts';
import { overMs } from '../protocol/call.ts';

/** The stretch of program date time of which attendance is taken. */
export type Lesson = {
  /** Null for calls that were opened while no broadcast was known. */
  readonly broadcastId: string | null;
  /** UTC milliseconds of program date time. */
  readonly startMs: number;
  readonly endMs: number;
};

/** Longest lesson of a broadcast whose end is not known, milliseconds. */
const LESSON_MAX_MS = 86_400_000;
/** Calls without a broadcast that are further apart belong to different lessons, milliseconds. */
const LESSON_GAP_MS = 3 * 3_600_000;
/** A lesson without a broadcast begins this long before its first call and ends this long after its last, milliseconds. */
const LESSON_MARGIN_MS = 3_600_000;

/**
 * Finds a lesson by the calls of its channel: those of one broadcast; or, without a broadcast, the newest series of calls
 * that are less than three hours apart.
 *
 * @param calls oldest first
 * @param broadcastId null for the newest lesson
 * @param untilMs latest end, UTC milliseconds: now, or the end of the broadcast where that is known
 * @returns null where no call belongs to it. The lesson of a broadcast ends where the next one begins that any of the calls
 *   names, and at the latest a day after its start.
 */
export function lessonOf(
  calls: readonly StoredCall[],
  broadcastId: string | null,
  untilMs: number,
): { readonly lesson: Lesson; readonly calls: readonly StoredCall[] } | null {
  const newest = calls.at(-1);
  const id = broadcastId ?? newest?.broadcast?.id ?? null;
  if (id !== null) {
    const own = calls.filter(({ broadcast }) => broadcast?.id === id);
    const startMs = own[0]?.broadcast?.startMs;
    if (startMs === undefined) return null;
    const others = calls.flatMap(({ broadcast }) => broadcast ?? []);
    return { lesson: lessonOfBroadcast({ id, startMs }, others, untilMs), calls: own };
  }
  if (newest === undefined) return null;
  let first = calls.length - 1;
  const atMs = (i: number): number => calls[i]?.atProgramTimeMs ?? 0;
  while (first > 0 && calls[first - 1]?.broadcast === null && atMs(first) - atMs(first - 1) < LESSON_GAP_MS)
    first--;
  const before = calls[first - 1];
  const startMs = Math.max(atMs(first) - LESSON_MARGIN_MS, before === undefined ? 0 : overMs(before));
  const endMs = Math.max(startMs, Math.min(untilMs, newest.atProgramTimeMs + LESSON_MARGIN_MS));
  return { lesson: { broadcastId: null, startMs, endMs }, calls: calls.slice(first) };
}

/**
 * Finds the lesson of a call, as {@link lessonOf}.
 *
 * @param calls oldest first
 * @param untilMs latest end, UTC milliseconds
 * @returns null where there is no such call
 */
export function lessonOfCall(
  calls: readonly StoredCall[],
  callId: string,
  untilMs: number,
): ReturnType<typeof lessonOf> {
  const at = calls.findIndex((call) => call.callId === callId);
  const found = calls[at];
  if (found === undefined) return null;
  if (found.broadcast !== null) return lessonOf(calls, found.broadcast.id, untilMs);
  let last = at;
  for (let next = calls[last + 1]; next !== undefined; next = calls[last + 1]) {
    const gapMs = next.atProgramTimeMs - (calls[last]?.atProgramTimeMs ?? 0);
    if (next.broadcast !== null || gapMs >= LESSON_GAP_MS) break;
    last++;
  }
  return lessonOf(calls.slice(0, last + 1), null, untilMs);
}

/**
 * The calls of the lesson that is now: of the broadcast on air; while none is on air the newest lesson, for three hours.
 *
 * @param calls oldest first
 * @param onAir null for none
 * @param nowMs UTC milliseconds
 * @returns ids
 */
export function callsOfThisLesson(
  calls: readonly StoredCall[],
  onAir: BroadcastRef | null,
  nowMs: number,
): ReadonlySet<string> {
  const idsOf = (own: readonly StoredCall[]): ReadonlySet<string> => new Set(own.map(({ callId }) => callId));
  if (onAir !== null) {
    // A call that was opened before the origin named the broadcast has none, or the last one.
    return idsOf(
      calls.filter((call) => call.broadcast?.id === onAir.id || call.atProgramTimeMs >= onAir.startMs),
    );
  }
  const newest = calls.at(-1);
  if (newest === undefined || nowMs - newest.atProgramTimeMs > LESSON_GAP_MS) return new Set();
  return idsOf(lessonOfCall(calls, newest.callId, nowMs)?.calls ?? []);
}

/**
 * The lesson of a broadcast.
 *
 * @param others broadcasts of the same channel in any order, itself possibly among them: the lesson ends where the next begins
 * @param untilMs latest end, UTC milliseconds
 */
export function lessonOfBroadcast(
  { id, startMs }: BroadcastRef,
  others: readonly BroadcastRef[],
  untilMs: number,
): Lesson {
  let endMs = Math.min(untilMs, startMs + LESSON_MAX_MS);
  for (const other of others) {
    if (other.id !== id && other.startMs > startMs) endMs = Math.min(endMs, other.startMs);
  }
  return { broadcastId: id, startMs, endMs: Math.max(startMs, endMs) };
}
