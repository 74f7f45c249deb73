/**
 * Reads what the ledger has stored as JSON, in the log or in Redis. Another version of the program may have written it: every
 * reader checks all members, and returns null for a value that is not valid.
 */
import { isChannelId } from '../../shared/names.ts';
import { ANSWER_STATUSES, checkClaim, isSequence } from '../protocol/answer.ts';
import { checkQuestion, isCallId } from '../protocol/call.ts';
import { isFiniteNumber, isRecord } from '../protocol/checked.ts';
import type { Answer, Attendee, RosterEntry, StoredCall } from './ledger.ts';

type Raw = Readonly<Record<string, unknown>>;

/** Reads a call. */
export function readStoredCall(raw: Raw): StoredCall | null {
  const { kind, prompt, choices, graceMs, changeable, callId, channel, atProgramTimeMs } = raw;
  const { openedBy, settled, windowMs } = raw;
  // The window is checked apart: that of a call that was closed early is shorter than a teacher may request.
  const question = checkQuestion({ kind, prompt, choices, graceMs, changeable });
  if (!question.ok || !isCallId(callId) || !isChannel(channel)) return null;
  if (!isFiniteNumber(windowMs) || windowMs < 0) return null;
  if (!isFiniteNumber(atProgramTimeMs) || typeof openedBy !== 'string') return null;
  const { id, startMs } = isRecord(raw['broadcast']) ? raw['broadcast'] : {};
  const broadcast = typeof id === 'string' && isFiniteNumber(startMs) ? { id, startMs } : null;
  return {
    ...question.value,
    ...{ windowMs, callId, channel, atProgramTimeMs, openedBy, broadcast, settled: settled === true },
  };
}

/** Reads an answer. */
export function readAnswer(raw: Raw): Answer | null {
  const { callId, answerId, value, tapProgramTimeMs, latencyMs, stalled, ...rest } = raw;
  const claim = checkClaim({ callId, answerId, value, tapProgramTimeMs, latencyMs, stalled });
  const attendee = readAttendee(rest);
  const { channel, reactionMs, receivedMs, sequence } = rest;
  const status = ANSWER_STATUSES.find((known) => known === rest['status']);
  if (!claim.ok || attendee === null || status === undefined || !isChannel(channel)) return null;
  if (!isFiniteNumber(reactionMs) || !isFiniteNumber(receivedMs)) return null;
  const order = sequence === 0 || isSequence(sequence) ? { sequence } : {};
  return { ...claim.value, ...attendee, channel, status, reactionMs, receivedMs, ...order };
}

/** Reads a student who was asked or has watched. */
export function readAttendee({ sub, name, rosterId }: Raw): Attendee | null {
  if (typeof sub !== 'string' || typeof name !== 'string') return null;
  if (rosterId !== null && typeof rosterId !== 'string') return null;
  return { sub, name, rosterId };
}

/** Reads a class list. */
export function readRoster(value: unknown): readonly RosterEntry[] | null {
  return Array.isArray(value) && value.every(isRosterEntry) ? value : null;
}

/** Tells whether a value is the id of a channel. */
export function isChannel(value: unknown): value is string {
  return typeof value === 'string' && isChannelId(value);
}

function isRosterEntry(entry: unknown): entry is RosterEntry {
  if (!isRecord(entry)) return false;
  const { id, name, group } = entry;
  return typeof id === 'string' && typeof name === 'string' && typeof group === 'string';
}
