import type { AnswerStatus, AnswerValue, Claim } from './answer.ts';
import type { Call, CallKind, Question } from './call.ts';

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
