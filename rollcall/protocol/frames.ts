import type { AnswerStatus, AnswerValue, Claim } from './answer.ts';
import { checkClaim } from './answer.ts';
import type { Call, CallKind } from './call.ts';
import { checkQuestion, checkWindow, isCallId, type Question } from './call.ts';
import { bad, type Checked, good, isRecord } from './checked.ts';
import { LIMITS } from './limits.ts';

/** A call as it is sent to those who are to answer it. */
export type CallFrame = {
  readonly type: 'call';
  readonly callId: string;
  readonly kind: CallKind;
  readonly prompt: string;
  /** For kind `choice`. */
  readonly choices?: readonly string[];
  readonly atProgramTimeMs: number;
  readonly windowMs: number;
  readonly graceMs: number;
};

/** The first frame on a connection. */
export type HelloFrame = { readonly type: 'hello'; readonly token: string };

/** A student's answer. */
export type AnswerFrame = Omit<Claim, 'value' | 'stalled'> & {
  readonly type: 'answer';
  readonly value?: AnswerValue;
  readonly stalled?: boolean;
};

/** A minute of the class that a student has played half of, or more: minutes since the epoch of program date time. */
export type WatchedFrame = { readonly type: 'watched'; readonly minute: number };

/** What a client sends to be heard; answered by a `pong`. */
export type PingFrame = { readonly type: 'ping' };

/** A teacher opens a call. `ref` comes back with what is said to it. */
export type OpenFrame = { readonly type: 'open'; readonly ref?: string } & Partial<Question>;
/** A teacher ends a call: whose playhead is before now still hears it, and has until there. */
export type CloseFrame = { readonly type: 'close'; readonly ref?: string; readonly callId: string };
/** A teacher gives more time, or less: the whole window, in milliseconds. */
export type ExtendFrame = {
  readonly type: 'extend';
  readonly ref?: string;
  readonly callId: string;
  readonly windowMs: number;
};

/** What a client sends, once it is checked. */
export type ClientMessage =
  | HelloFrame
  | { readonly type: 'answer'; readonly claim: Claim }
  | WatchedFrame
  | PingFrame
  | { readonly type: 'open'; readonly ref: string | null; readonly question: Question }
  | { readonly type: 'close'; readonly ref: string | null; readonly callId: string }
  | {
      readonly type: 'extend';
      readonly ref: string | null;
      readonly callId: string;
      readonly windowMs: number;
    };

/** The answer to `hello`. */
export type WelcomeFrame = {
  readonly type: 'welcome';
  readonly serverTimeMs: number;
  /** Who the token says one is. */
  readonly sub: string;
  readonly name: string;
  readonly role: 'student' | 'teacher' | 'operator';
  /** The call that answers are taken for, if there is one: who comes late sees it as well. */
  readonly call?: CallFrame;
  /** What was acknowledged of it already, so that one is not asked twice. */
  readonly answered?: { readonly callId: string; readonly status: AnswerStatus };
};

/** A call has ended: whose playhead is beyond `atProgramTimeMs` is not asked any more. */
export type ClosedFrame = {
  readonly type: 'closed';
  readonly callId: string;
  readonly atProgramTimeMs: number;
};

/** An answer is durable. */
export type AckFrame = {
  readonly type: 'ack';
  readonly callId: string;
  readonly answerId: string;
  readonly status: AnswerStatus;
  /** Another answer of this student was first, and it is that one's status. */
  readonly duplicate: boolean;
};

/** Something that was sent does not count, and why. */
export type RefusedFrame = {
  readonly type: 'refused';
  /** As in docs/errors.md. */
  readonly code: string;
  readonly reason: string;
  /** Of the answer that is refused. */
  readonly answerId?: string;
  /** Of the teacher's order that is refused. */
  readonly ref?: string;
  /** It may be sent again after so many milliseconds; never, where this is left out. */
  readonly retryAfterMs?: number;
};

/** An answer as a teacher sees it. */
export type NamedAnswer = {
  readonly sub: string;
  readonly name: string;
  readonly status: AnswerStatus;
  readonly value: AnswerValue;
  readonly reactionMs: number;
};

/** How often each answer was given; see {@link TallyFrame}. */
export type ValueCount = { readonly value: number; readonly count: number };

/** Counts of a call, to teachers, at most four a second. */
export type TallyFrame = {
  readonly type: 'tally';
  readonly callId: string;
  readonly present: number;
  readonly late: number;
  readonly replay: number;
  /** Of the roster, or of those who were asked, who have no answer. */
  readonly absent: number;
  /** The roster, or those who were asked. */
  readonly total: number;
  /** Students who are connected now. */
  readonly connected: number;
  /** For `choice` by index, for `number` the most frequent ones; at most 20. */
  readonly values: readonly ValueCount[];
  /** Half, and nine tenths, of those who answered were as fast as this, to a tenth of a second; null without an answer. */
  readonly reactionP50Ms: number | null;
  readonly reactionP90Ms: number | null;
  /** The newest answers since the last tally, at most 30. */
  readonly changed: readonly NamedAnswer[];
};

/** A teacher's order was carried out. */
export type DoneFrame = { readonly type: 'done'; readonly ref: string; readonly callId: string };

/** The answer to a `ping`. */
export type PongFrame = { readonly type: 'pong'; readonly serverTimeMs: number };

/** The server is about to stop: come back after so many milliseconds, which differ from client to client. */
export type ByeFrame = { readonly type: 'bye'; readonly reconnectAfterMs: number };

/** What a server sends. */
export type ServerFrame =
  | WelcomeFrame
  | CallFrame
  | ClosedFrame
  | AckFrame
  | RefusedFrame
  | TallyFrame
  | DoneFrame
  | PongFrame
  | ByeFrame;

/** Codes with which the gateway closes a WebSocket (RFC 6455 §7.4.2: 4000 to 4999 are ours). */
export const CLOSE_CODES = {
  /** A frame that is not as it should be; the reason says where. */
  badFrame: 4400,
  /** The token is missing, forged or expired. */
  unauthorized: 4401,
  /** The token is for another channel or role. */
  forbidden: 4403,
  /** No hello in time. */
  noHello: 4408,
  /** More frames than anybody needs. */
  flood: 4429,
  /** The server stops; come back. */
  goingAway: 1001,
} as const;

/** Makes the frame that asks students. */
export function callFrame(call: Call): CallFrame {
  const { callId, kind, prompt, choices, atProgramTimeMs, windowMs, graceMs } = call;
  return {
    ...{ type: 'call', callId, kind, prompt },
    ...(choices.length === 0 ? {} : { choices }),
    ...{ atProgramTimeMs, windowMs, graceMs },
  };
}

/**
 * Reads a frame from a client. Only its form is checked: who may send what, and whether an answer counts, is the gateway's.
 *
 * @param text JSON (RFC 8259)
 */
export function readClientFrame(text: string): Checked<ClientMessage> {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return bad('frame: not JSON');
  }
  if (!isRecord(frame)) return bad('frame: want an object');
  const odd = unknownMember(frame);
  if (odd !== null) return odd;
  switch (frame['type']) {
    case 'hello':
      return typeof frame['token'] === 'string' && frame['token'].length <= LIMITS.frameBytes
        ? good({ type: 'hello', token: frame['token'] })
        : bad('hello: want a token');
    case 'answer': {
      const claim = checkClaim(frame);
      return claim.ok ? good({ type: 'answer', claim: claim.value }) : claim;
    }
    case 'watched': {
      const minute = checkMinute(frame['minute']);
      return minute.ok ? good({ type: 'watched', minute: minute.value }) : bad(`watched: ${minute.reason}`);
    }
    case 'ping':
      return good({ type: 'ping' });
    case 'open':
    case 'close':
    case 'extend':
      return readOrder(frame['type'], frame);
    default:
      return bad(`frame: no type ${(JSON.stringify(frame['type']) ?? 'at all').slice(0, 40)}`);
  }
}

/** Members of the frames that no other check goes through. */
const MEMBERS = new Map<unknown, readonly string[]>([
  ['hello', ['type', 'token']],
  ['watched', ['type', 'minute']],
  ['ping', ['type']],
  ['close', ['type', 'ref', 'callId']],
  ['extend', ['type', 'ref', 'callId', 'windowMs']],
]);

function unknownMember(frame: Record<string, unknown>): ReturnType<typeof bad> | null {
  const { type } = frame;
  const members = MEMBERS.get(type);
  const odd = members === undefined ? undefined : Object.keys(frame).find((name) => !members.includes(name));
  return odd === undefined ? null : bad(`${String(type)}: no member ${JSON.stringify(odd.slice(0, 40))}`);
}

/** Checks a minute that was watched: minutes since the epoch, a whole number. */
export function checkMinute(value: unknown): Checked<number> {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? good(value)
    : bad('minute: want minutes since the epoch');
}

const REF = /^[A-Za-z0-9_-]{1,64}$/;

function readOrder(
  type: 'open' | 'close' | 'extend',
  frame: Record<string, unknown>,
): Checked<ClientMessage> {
  const { type: _type, ref = null, ...rest } = frame;
  if (ref !== null && (typeof ref !== 'string' || !REF.test(ref))) {
    return bad(`${type}: ref: want 1 to 64 of A-Z, a-z, 0-9, "-" and "_"`);
  }
  if (type === 'open') {
    const question = checkQuestion(rest);
    return question.ok ? good({ type, ref, question: question.value }) : question;
  }
  const { callId } = rest;
  if (!isCallId(callId)) return bad(`${type}: callId: want 1 to 32 of a-z and 0-9`);
  if (type === 'close') return good({ type, ref, callId });
  const windowMs = checkWindow(rest['windowMs']);
  return windowMs.ok ? good({ type, ref, callId, windowMs: windowMs.value }) : windowMs;
}
