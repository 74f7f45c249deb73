import type { AnswerStatus, AnswerValue, Claim, CountedAnswer } from './answer.ts';
import type { Call, CallKind, Question } from './call.ts';

/** A call as clients receive it. */
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
  /** She may answer again within her window, and her newest answer counts. */
  readonly changeable?: true;
};

/** The first frame on a connection. */
export type HelloFrame = { readonly type: 'hello'; readonly token: string };

/** A student's answer. */
export type AnswerFrame = Omit<Claim, 'value' | 'stalled'> & {
  readonly type: 'answer';
  readonly value?: AnswerValue;
  readonly stalled?: boolean;
};

/** Half or more of a minute was played: minutes since the epoch of program date time. */
export type WatchedFrame = { readonly type: 'watched'; readonly minute: number };

/** Keeps the connection alive; answered by a `pong`. */
export type PingFrame = { readonly type: 'ping' };

/** A teacher opens a call. `ref` is returned in the reply. */
export type OpenFrame = { readonly type: 'open'; readonly ref?: string } & Partial<Question>;
/** A teacher closes a call: its window ends at the present program date time. */
export type CloseFrame = { readonly type: 'close'; readonly ref?: string; readonly callId: string };
/** A teacher changes the window. */
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
  /** The identity in the token. */
  readonly sub: string;
  readonly name: string;
  readonly role: 'student' | 'teacher' | 'operator';
  /** The newest call, unless it is over: for a client that connects after it was opened. */
  readonly call?: CallFrame;
  /** The student's durable answer to it, so that she is not asked again. */
  readonly answered?: {
    readonly callId: string;
    readonly status: AnswerStatus;
    /** Of a call whose answers may be changed. */
    readonly counted?: CountedAnswer;
  };
};

/** The window of a call ends at `atProgramTimeMs`: clients whose playhead is beyond it do not ask any more. */
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
  /** Another answer of this student counts; `status` is that one's. */
  readonly duplicate: boolean;
  /** The answer that counts, this one or another; of a call whose answers may be changed. */
  readonly counted?: CountedAnswer;
};

/** A frame has no effect, and why. */
export type RefusedFrame = {
  readonly type: 'refused';
  /** As in docs/errors.md. */
  readonly code: string;
  readonly reason: string;
  /** The answer that is refused. */
  readonly answerId?: string;
  /** The watched minute that is refused. */
  readonly minute?: number;
  /** The command that is refused. */
  readonly ref?: string;
  /** The frame may be sent again after so many milliseconds; without this member it may not. */
  readonly retryAfterMs?: number;
};

/** An answer in a tally. */
export type NamedAnswer = {
  readonly sub: string;
  readonly name: string;
  readonly status: AnswerStatus;
  readonly value: AnswerValue;
  readonly reactionMs: number;
  /** Class or number, where several students on the class list have this name; else left out. */
  readonly beside?: string;
};

/** How often a value was given; see {@link TallyFrame}. */
export type ValueCount = { readonly value: number; readonly count: number };

/** Counts of a call, for teachers. */
export type TallyFrame = {
  readonly type: 'tally';
  readonly callId: string;
  /** Of the class: these four add up to `total`. */
  readonly present: number;
  readonly late: number;
  readonly replay: number;
  /** Students of `total` without an answer. */
  readonly absent: number;
  /** Entries of the class list; without a list, the students who were asked. */
  readonly total: number;
  /** Answers of people who are not on the class list; 0 without one. */
  readonly strangers: number;
  /** Students connected to any gateway. */
  readonly connected: number;
  /** For `choice` by index, for `number` the most frequent ones; at most 20. */
  readonly values: readonly ValueCount[];
  /** Half, and nine tenths, of the answers were given within this time, in steps of 100 ms; null without an answer. */
  readonly reactionP50Ms: number | null;
  readonly reactionP90Ms: number | null;
  /** The newest answers since the last tally, at most 30. */
  readonly changed: readonly NamedAnswer[];
};

/** A command was carried out. */
export type DoneFrame = { readonly type: 'done'; readonly ref: string; readonly callId: string };

/** The answer to a `ping`. */
export type PongFrame = { readonly type: 'pong'; readonly serverTimeMs: number };

/** The server stops. The delay before reconnecting differs from client to client. */
export type ByeFrame = { readonly type: 'bye'; readonly reconnectAfterMs: number };

/** All frames from a server. */
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
  /** An invalid frame; the reason names the member. */
  badFrame: 4400,
  /** The token is missing, forged or expired. */
  unauthorized: 4401,
  /** The token is for another channel, or its role may not do this. */
  forbidden: 4403,
  /** No hello in time. */
  noHello: 4408,
  /** A newer connection of the same person has taken its place; the client reconnects when the `bye` before it says. */
  replaced: 4409,
  /** Too many frames. */
  flood: 4429,
  /** As many students are connected as there are places for; the client reconnects when the `bye` before it says. */
  full: 4503,
  /** The server stops; the client reconnects. */
  goingAway: 1001,
} as const;

/** Makes the frame that announces a call. */
export function callFrame(call: Call): CallFrame {
  const { callId, kind, prompt, choices, atProgramTimeMs, windowMs, graceMs, changeable } = call;
  return {
    ...{ type: 'call', callId, kind, prompt },
    ...(choices.length === 0 ? {} : { choices }),
    ...{ atProgramTimeMs, windowMs, graceMs },
    ...(changeable === true ? { changeable } : {}),
  };
}
