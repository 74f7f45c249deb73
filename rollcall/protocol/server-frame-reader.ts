import {
  ANSWER_STATUSES,
  type AnswerStatus,
  type AnswerValue,
  type CountedAnswer,
  isAnswerId,
  isSequence,
} from './answer.ts';
import { CALL_KINDS, isCallId } from './call.ts';
import { isFiniteNumber, isRecord } from './checked.ts';
import type { CallFrame, NamedAnswer, ServerFrame, TallyFrame, ValueCount } from './frames.ts';

type Raw = Readonly<Record<string, unknown>>;

/**
 * Reads a frame from a server. Every member is checked, because a proxy may have replaced it.
 *
 * @param text JSON (RFC 8259)
 * @returns null when it is not a valid frame, or of an unknown type
 */
export function readServerFrame(text: string): ServerFrame | null {
  try {
    const frame: unknown = JSON.parse(text);
    return isRecord(frame) ? read(frame) : null;
  } catch {
    return null;
  }
}

function read(frame: Raw): ServerFrame | null {
  switch (frame['type']) {
    case 'welcome':
      return readWelcome(frame);
    case 'call':
      return readCall(frame);
    case 'closed': {
      const { callId, atProgramTimeMs } = frame;
      return isCallId(callId) && isFiniteNumber(atProgramTimeMs)
        ? { type: 'closed', callId, atProgramTimeMs }
        : null;
    }
    case 'ack': {
      const { callId, answerId, duplicate } = frame;
      const status = readStatus(frame['status']);
      return isCallId(callId) && isAnswerId(answerId) && status !== null && typeof duplicate === 'boolean'
        ? { type: 'ack', callId, answerId, status, duplicate, ...readCounted(frame['counted']) }
        : null;
    }
    case 'refused':
      return readRefused(frame);
    case 'tally':
      return readTally(frame);
    case 'done': {
      const { ref, callId } = frame;
      return typeof ref === 'string' && isCallId(callId) ? { type: 'done', ref, callId } : null;
    }
    case 'pong': {
      const { serverTimeMs } = frame;
      return isFiniteNumber(serverTimeMs) ? { type: 'pong', serverTimeMs } : null;
    }
    case 'bye': {
      const { reconnectAfterMs } = frame;
      return isCount(reconnectAfterMs) ? { type: 'bye', reconnectAfterMs } : null;
    }
    default:
      return null;
  }
}

function readWelcome(frame: Raw): ServerFrame | null {
  const { serverTimeMs, sub, name, role } = frame;
  if (!isFiniteNumber(serverTimeMs) || typeof sub !== 'string' || typeof name !== 'string') return null;
  if (role !== 'student' && role !== 'teacher' && role !== 'operator') return null;
  const call = isRecord(frame['call']) ? readCall(frame['call']) : null;
  const given = isRecord(frame['answered']) ? frame['answered'] : {};
  const status = readStatus(given['status']);
  const { callId } = given;
  return {
    ...{ type: 'welcome', serverTimeMs, sub, name, role },
    ...(call === null ? {} : { call }),
    ...(isCallId(callId) && status !== null
      ? { answered: { callId, status, ...readCounted(given['counted']) } }
      : {}),
  };
}

/** Reads the answer that counts; nothing where it is not valid, as of a call whose first answer counts. */
function readCounted(given: unknown): { readonly counted?: CountedAnswer } {
  if (!isRecord(given)) return {};
  const { value, sequence } = given;
  if (!isValue(value) || (sequence !== 0 && !isSequence(sequence))) return {};
  return { counted: { value, sequence } };
}

/** Reads a call; null when it is not valid. */
export function readCall(frame: Raw): CallFrame | null {
  const { callId, prompt, atProgramTimeMs, windowMs, graceMs, choices } = frame;
  const kind = CALL_KINDS.find((known) => known === frame['kind']);
  if (kind === undefined || !isCallId(callId) || typeof prompt !== 'string') return null;
  if (!isFiniteNumber(atProgramTimeMs) || !isCount(windowMs) || !isCount(graceMs)) return null;
  const call: CallFrame = {
    ...{ type: 'call', callId, kind, prompt, atProgramTimeMs, windowMs, graceMs },
    ...(frame['changeable'] === true ? { changeable: true } : {}),
  };
  if (kind !== 'choice') return call;
  return Array.isArray(choices) && choices.every((choice) => typeof choice === 'string')
    ? { ...call, choices }
    : null;
}

function readRefused(frame: Raw): ServerFrame | null {
  const { code, reason, answerId, minute, ref, retryAfterMs } = frame;
  if (typeof code !== 'string' || typeof reason !== 'string') return null;
  return {
    ...{ type: 'refused', code, reason },
    ...(isAnswerId(answerId) ? { answerId } : {}),
    ...(isCount(minute) ? { minute } : {}),
    ...(typeof ref === 'string' ? { ref } : {}),
    ...(isCount(retryAfterMs) ? { retryAfterMs } : {}),
  };
}

/** Reads a tally; null when it is not valid. */
export function readTally(frame: Raw): TallyFrame | null {
  const { callId, present, late, replay, absent, total, connected } = frame;
  const { reactionP50Ms, reactionP90Ms, values, changed } = frame;
  // Servers up to 0.2.0 do not count them apart.
  const strangers = frame['strangers'] ?? 0;
  if (!isCallId(callId) || !isCount(present) || !isCount(late) || !isCount(replay)) return null;
  if (!isCount(absent) || !isCount(total) || !isCount(connected) || !isCount(strangers)) return null;
  if (!Array.isArray(values) || !values.every(isValueCount)) return null;
  if (!Array.isArray(changed) || !changed.every(isNamedAnswer)) return null;
  return {
    ...{ type: 'tally', callId, present, late, replay, absent, total, strangers, connected, values, changed },
    reactionP50Ms: isCount(reactionP50Ms) ? reactionP50Ms : null,
    reactionP90Ms: isCount(reactionP90Ms) ? reactionP90Ms : null,
  };
}

function isValueCount(item: unknown): item is ValueCount {
  return isRecord(item) && isFiniteNumber(item['value']) && isCount(item['count']);
}

/** Whether a value is an answer in a tally. */
export function isNamedAnswer(item: unknown): item is NamedAnswer {
  if (!isRecord(item)) return false;
  const { sub, name, value, reactionMs, beside } = item;
  const isNamed = typeof sub === 'string' && typeof name === 'string';
  if (beside !== undefined && typeof beside !== 'string') return false;
  return isNamed && isValue(value) && readStatus(item['status']) !== null && isCount(reactionMs);
}

function isValue(value: unknown): value is AnswerValue {
  return value === null || typeof value === 'string' || isFiniteNumber(value);
}

function readStatus(value: unknown): AnswerStatus | null {
  return ANSWER_STATUSES.find((known) => known === value) ?? null;
}

function isCount(value: unknown): value is number {
  return isFiniteNumber(value) && value >= 0;
}
