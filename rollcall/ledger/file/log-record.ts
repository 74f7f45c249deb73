import { ANSWER_STATUSES, checkClaim } from '../../protocol/answer.ts';
import { checkQuestion, isCallId } from '../../protocol/call.ts';
import { isFiniteNumber, isRecord } from '../../protocol/checked.ts';
import { isChannelId } from '../../../shared/names.ts';
import type { Answer, Attendee, StoredCall, RosterEntry } from '../ledger.ts';

/** A record of the log: what happened, whole in itself. */
export type LogRecord =
  /** A call was opened, or is this from now on. */
  | { readonly t: 'call'; readonly call: StoredCall }
  | { readonly t: 'answer'; readonly answer: Answer }
  | { readonly t: 'watched'; readonly channel: string; readonly attendee: Attendee; readonly minute: number }
  /** Who was asked a call. */
  | {
      readonly t: 'asked';
      readonly callId: string;
      readonly attendees: readonly Attendee[];
      readonly atMs: number;
    }
  /** SerializedFrame to see whether the disk takes it. */
  | { readonly t: 'probe'; readonly atMs: number }
  | {
      readonly t: 'roster';
      readonly channel: string;
      readonly entries: readonly RosterEntry[];
      readonly atMs: number;
    };

/**
 * Reads a record of the log, which another version of the program may have written.
 *
 * @returns null for what is none
 */
export function readRecord(raw: Readonly<Record<string, unknown>>): LogRecord | null {
  switch (raw['t']) {
    case 'call': {
      const call = isRecord(raw['call']) ? readStoredCall(raw['call']) : null;
      return call === null ? null : { t: 'call', call };
    }
    case 'answer': {
      const answer = isRecord(raw['answer']) ? readAnswer(raw['answer']) : null;
      return answer === null ? null : { t: 'answer', answer };
    }
    case 'watched': {
      const { channel, minute } = raw;
      const attendee = isRecord(raw['attendee']) ? readAttendee(raw['attendee']) : null;
      if (attendee === null || !isChannel(channel) || !isFiniteNumber(minute)) return null;
      return { t: 'watched', channel, attendee, minute };
    }
    case 'asked': {
      const { callId, attendees, atMs } = raw;
      if (!isCallId(callId) || !Array.isArray(attendees) || !isFiniteNumber(atMs)) return null;
      const read = attendees.flatMap((one: unknown) => (isRecord(one) ? (readAttendee(one) ?? []) : []));
      return { t: 'asked', callId, attendees: read, atMs };
    }
    case 'probe': {
      const { atMs } = raw;
      return isFiniteNumber(atMs) ? { t: 'probe', atMs } : null;
    }
    case 'roster': {
      const { channel, atMs } = raw;
      const entries = readRoster(raw['entries']);
      if (!isChannel(channel) || !isFiniteNumber(atMs) || entries === null) return null;
      return { t: 'roster', channel, entries, atMs };
    }
    default:
      return null;
  }
}

/** When a record was made, UTC milliseconds. */
export function timeOf(record: LogRecord): number {
  switch (record.t) {
    case 'call':
      return record.call.atProgramTimeMs;
    case 'answer':
      return record.answer.receivedMs;
    case 'watched':
      return record.minute * 60_000;
    case 'asked':
    case 'probe':
    case 'roster':
      return record.atMs;
  }
}

/** Reads a kept call; null for what is none. */
export function readStoredCall(raw: Readonly<Record<string, unknown>>): StoredCall | null {
  const { kind, prompt, choices, graceMs, callId, channel, atProgramTimeMs, openedBy, settled, windowMs } =
    raw;
  // A call that was closed early has a window that is shorter than one may ask for.
  const question = checkQuestion({ kind, prompt, choices, graceMs });
  if (!question.ok || !isCallId(callId) || !isChannel(channel) || !isFiniteNumber(windowMs)) return null;
  if (!isFiniteNumber(atProgramTimeMs) || typeof openedBy !== 'string' || windowMs < 0) return null;
  const given = isRecord(raw['broadcast']) ? raw['broadcast'] : {};
  const { id, startMs } = given;
  const broadcast = typeof id === 'string' && isFiniteNumber(startMs) ? { id, startMs } : null;
  return {
    ...question.value,
    ...{ windowMs, callId, channel, atProgramTimeMs, openedBy, broadcast, settled: settled === true },
  };
}

/** Reads a kept answer; null for what is none. */
export function readAnswer(raw: Readonly<Record<string, unknown>>): Answer | null {
  const { callId, answerId, value, tapProgramTimeMs, latencyMs, stalled, ...rest } = raw;
  const claim = checkClaim({ callId, answerId, value, tapProgramTimeMs, latencyMs, stalled });
  const attendee = readAttendee(rest);
  const { channel, reactionMs, receivedMs } = rest;
  const status = ANSWER_STATUSES.find((known) => known === rest['status']);
  if (!claim.ok || attendee === null || status === undefined || !isChannel(channel)) return null;
  if (!isFiniteNumber(reactionMs) || !isFiniteNumber(receivedMs)) return null;
  return { ...claim.value, ...attendee, channel, status, reactionMs, receivedMs };
}

/** Reads somebody who was there; null for what is none. */
export function readAttendee({ sub, name, rosterId }: Readonly<Record<string, unknown>>): Attendee | null {
  if (typeof sub !== 'string' || typeof name !== 'string') return null;
  if (rosterId !== null && typeof rosterId !== 'string') return null;
  return { sub, name, rosterId };
}

/** Reads a kept roster; null for what is none. */
export function readRoster(value: unknown): readonly RosterEntry[] | null {
  return Array.isArray(value) && value.every(isRosterEntry) ? value : null;
}

function isRosterEntry(entry: unknown): entry is RosterEntry {
  if (!isRecord(entry)) return false;
  const { id, name, group } = entry;
  return typeof id === 'string' && typeof name === 'string' && typeof group === 'string';
}

function isChannel(value: unknown): value is string {
  return typeof value === 'string' && isChannelId(value);
}
