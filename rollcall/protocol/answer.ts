import { type Call, isCallId } from './call.ts';
import { bad, type Checked, checkText, good, isFiniteNumber } from './checked.ts';
import { LIMITS } from './limits.ts';

/** The value of an answer: an index into `choices`, a number or a text, by the kind of the call; null for `presence` and `hand`. */
export type AnswerValue = number | string | null;

/** What a student's client sends. Nothing in it is verified. */
export type Claim = {
  readonly callId: string;
  /** 8 to 64 of A-Z, a-z, 0-9, '-' and '_'; made anew for each tap; the same for every retry of it. */
  readonly answerId: string;
  readonly value: AnswerValue;
  /** Program date time of the playhead at the tap, UTC milliseconds. */
  readonly tapProgramTimeMs: number;
  /** How far the playhead was behind the server's clock at the tap, milliseconds. */
  readonly latencyMs: number;
  /** The player stood still, so the call was shown before the playhead reached it. */
  readonly stalled: boolean;
  /**
   * Orders the answers of one student to a call whose answers may be changed: 1 to 2⁵³ − 1, greater for each new answer. Left out,
   * the time of the tap orders them.
   */
  readonly sequence?: number;
};

/** The answer of a student that counts, of a call whose answers may be changed. */
export type CountedAnswer = { readonly value: AnswerValue; readonly sequence: number };

/**
 * How an answer counts. `present`: within the student's window; `late`: after it, before the call was over; `replay`: her
 * playhead was too far behind for the class, as in a start-over.
 */
export const ANSWER_STATUSES = ['present', 'late', 'replay'] as const;
/** One of {@link ANSWER_STATUSES}. */
export type AnswerStatus = (typeof ANSWER_STATUSES)[number];

/** The result of {@link judge}. */
export type Judgement =
  | { readonly kind: 'counts'; readonly status: AnswerStatus; readonly reactionMs: number }
  | { readonly kind: 'refused'; readonly code: JudgementRefusal; readonly reason: string };

/** Why a claim is refused. */
export type JudgementRefusal = 'bad-answer' | 'bad-claim' | 'too-early' | 'call-over';

const ANSWER_ID = /^[A-Za-z0-9_-]{8,64}$/;
const CLAIM_MEMBERS = new Set([
  ...['type', 'callId', 'answerId', 'value', 'tapProgramTimeMs', 'latencyMs', 'stalled', 'sequence'],
]);
/** Largest latency that is accepted: a day. */
const LATENCY_MAX_MS = 86_400_000;

/** Tells whether a text is an answer's id. */
export function isAnswerId(text: unknown): text is string {
  return typeof text === 'string' && ANSWER_ID.test(text);
}

/**
 * Checks the form of an answer. {@link judge} checks whether its value fits the call.
 *
 * @param value members of {@link Claim}, and `type`; others are rejected
 */
export function checkClaim(value: Readonly<Record<string, unknown>>): Checked<Claim> {
  for (const name of Object.keys(value)) {
    if (!CLAIM_MEMBERS.has(name)) return bad(`answer: no member ${JSON.stringify(name.slice(0, 40))}`);
  }
  const { callId, answerId, tapProgramTimeMs, latencyMs, stalled = false, sequence } = value;
  if (!isCallId(callId)) return bad('callId: want 1 to 32 of a-z and 0-9');
  if (!isAnswerId(answerId)) return bad('answerId: want 8 to 64 of A-Z, a-z, 0-9, "-" and "_"');
  if (!isFiniteNumber(tapProgramTimeMs) || Math.abs(tapProgramTimeMs) > Number.MAX_SAFE_INTEGER) {
    return bad('tapProgramTimeMs: want UTC milliseconds');
  }
  if (!isFiniteNumber(latencyMs) || latencyMs < -LIMITS.clockSlackMs || latencyMs > LATENCY_MAX_MS) {
    return bad(`latencyMs: want milliseconds, ${-LIMITS.clockSlackMs} to ${LATENCY_MAX_MS}`);
  }
  if (typeof stalled !== 'boolean') return bad('stalled: want true or false');
  if (sequence !== undefined && !isSequence(sequence)) {
    return bad('sequence: want a whole number, 1 to 9007199254740991');
  }
  const given = value['value'] ?? null;
  if (given !== null && typeof given !== 'string' && !isFiniteNumber(given)) {
    return bad('value: want a number, a text or null');
  }
  const order = sequence === undefined ? {} : { sequence };
  return good({ callId, answerId, value: given, tapProgramTimeMs, latencyMs, stalled, ...order });
}

/** Whether a value orders the answers of a student. */
export function isSequence(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

/**
 * The place of an answer among those of its student: of two, the one with the greater sequence counts, and of equal ones the one
 * that was durable first.
 *
 * @param reactionMs as {@link judge} found it
 * @returns 1 or more within her window; 0 after it, which takes the place of no other; null where the first answer counts
 */
export function sequenceOf(call: Call, claim: Claim, reactionMs: number): number | null {
  if (call.changeable !== true) return null;
  if (reactionMs > call.windowMs + LIMITS.playheadSlackMs) return 0;
  return claim.sequence ?? Math.max(1, Math.round(claim.tapProgramTimeMs + claim.latencyMs));
}

/**
 * Judges an answer by when the student heard the call, so that nobody is late because of a slow network. The tap was at
 * `tapProgramTimeMs` of the teacher's time and at `tapProgramTimeMs + latencyMs` of the server's: it may not be before the call
 * could be heard, nor after the answer arrived. So a false claim gains no more than the grace.
 *
 * @param receivedMs when the answer arrived, the server's UTC milliseconds
 */
export function judge(call: Call, claim: Claim, receivedMs: number): Judgement {
  const fault = valueFault(call, claim.value);
  if (fault !== null) return refused('bad-answer', fault);
  const { graceMs, atProgramTimeMs, windowMs } = call;
  if (receivedMs > atProgramTimeMs + windowMs + graceMs) return refused('call-over', 'the call is over');
  const tapServerMs = claim.tapProgramTimeMs + claim.latencyMs;
  if (tapServerMs > receivedMs + LIMITS.clockSlackMs) {
    return refused('bad-claim', 'the tap is in the future: tapProgramTimeMs + latencyMs');
  }
  // A player that stands still shows the call later; the window begins then.
  const heardMs = claim.stalled ? atProgramTimeMs + LIMITS.stalledAfterMs : atProgramTimeMs;
  const reactedMs = (claim.stalled ? tapServerMs : claim.tapProgramTimeMs) - heardMs;
  if (reactedMs < -(claim.stalled ? LIMITS.clockSlackMs : LIMITS.playheadSlackMs)) {
    return refused('too-early', 'the tap was before the call could be heard');
  }
  const reactionMs = Math.max(0, Math.round(reactedMs));
  if (!claim.stalled && claim.latencyMs > LIMITS.liveLatencyMs) return counts('replay', reactionMs);
  return counts(reactedMs <= windowMs + LIMITS.playheadSlackMs ? 'present' : 'late', reactionMs);
}

/**
 * Checks whether a value fits a call.
 *
 * @returns null when it fits; else the reason
 */
export function valueFault(
  { kind, choices }: Pick<Call, 'kind' | 'choices'>,
  value: AnswerValue,
): string | null {
  switch (kind) {
    case 'presence':
    case 'hand':
      return value === null ? null : `value: a call of kind ${kind} takes none`;
    case 'choice':
      return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < choices.length
        ? null
        : `value: want the index of a choice, 0 to ${choices.length - 1}`;
    case 'number':
      return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER
        ? null
        : 'value: want a number';
    case 'text': {
      const text = checkText('value', value, LIMITS.textLength);
      if (!text.ok) return text.reason;
      return text.value === value ? null : 'value: want text without white space at its ends, in NFC';
    }
  }
}

function counts(status: AnswerStatus, reactionMs: number): Judgement {
  return { kind: 'counts', status, reactionMs };
}

function refused(code: JudgementRefusal, reason: string): Judgement {
  return { kind: 'refused', code, reason };
}
