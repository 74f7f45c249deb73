import type { AnswerStatus } from '../../rollcall/protocol/answer.ts';
import { overMs, windowEndMs } from '../../rollcall/protocol/call.ts';
import type { CallFrame, ServerFrame } from '../../rollcall/protocol/frames.ts';
import { LIMITS } from '../../rollcall/protocol/limits.ts';

/** Where the student is, when she is looked at. */
export type Moment = {
  /** The server's time, UTC milliseconds. */
  readonly serverMs: number;
  /** Program date time of her playhead; null while nothing plays. */
  readonly playheadMs: number | null;
  /** How long her playhead has stood still, milliseconds. */
  readonly stillMs: number;
};

/** How a call reached her. */
type Heard = {
  /** Her player stood still, so that she was asked without it. */
  readonly stalled: boolean;
};

type Outcome =
  | { readonly kind: 'sending'; readonly answerId: string }
  | {
      readonly kind: 'confirmed';
      readonly status: AnswerStatus;
      /** Another answer of hers was first, and stands. */
      readonly isOther: boolean;
      readonly atMs: number;
    }
  | { readonly kind: 'refused'; readonly code: string; readonly atMs: number };

/** One call, and what has come of it. */
type Asked = {
  /** Null where an ack came before the call itself: after a reload, with a tap that was kept. */
  readonly call: CallFrame | null;
  readonly heard: Heard | null;
  readonly outcome: Outcome | null;
  /** Her last answer was refused, but another one may be taken. */
  readonly isAgain: boolean;
};

/**
 * The calls that a student is asked, by id. There may be two at a time: who is behind has yet to hear the one while the next is
 * already open, and one in its grace still takes answers.
 */
export type CallState = {
  readonly asked: ReadonlyMap<string, Asked>;
  readonly at: Moment;
};

/** What happens at a state. */
export type CallEvent =
  | { readonly kind: 'frame'; readonly frame: ServerFrame }
  | { readonly kind: 'moment'; readonly moment: Moment }
  /** She tapped, or a tap that was kept from before is sent again. */
  | { readonly kind: 'tapped'; readonly callId: string; readonly answerId: string };

/** What a student sees of a call. */
export type CallView =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'asking';
      readonly call: CallFrame;
      /** What is left of her window, milliseconds; 0 when it is over, and an answer would be late. */
      readonly leftMs: number;
      readonly stalled: boolean;
      /** She answered, and it did not count: she may try once more. */
      readonly isAgain: boolean;
    }
  | { readonly kind: 'sending'; readonly call: CallFrame }
  | {
      readonly kind: 'confirmed';
      readonly call: CallFrame;
      readonly status: AnswerStatus;
      /** Another answer of hers, in another tab, was first, and stands. */
      readonly isOther: boolean;
    }
  /** The call is over, and the tap has not got through: it is kept, and goes on its way behind what she sees. */
  | { readonly kind: 'unsent'; readonly call: CallFrame }
  | { readonly kind: 'refused'; readonly call: CallFrame; readonly code: string }
  | { readonly kind: 'missed'; readonly call: CallFrame };

/** How long it is said that an answer is there, or that a call was missed, milliseconds. */
const SAID_MS = 6000;
/** Calls that are remembered: an old one whose window changes is not to be asked again. */
const REMEMBERED = 32;
/** Refusals that another tap may mend: early by a hair, a clock that was wrong, a value that does not fit. */
const MENDABLE = new Set(['too-early', 'bad-claim', 'bad-answer']);

const NEW: Asked = { call: null, heard: null, outcome: null, isAgain: false };

/** A state at which nothing has been asked. */
export const EMPTY_CALL_STATE: CallState = {
  asked: new Map(),
  at: { serverMs: 0, playheadMs: null, stillMs: 0 },
};

/** Moves a state on. An answer that was acknowledged stands, whatever comes after it and in whatever order. */
export function callStateAfter(state: CallState, event: CallEvent): CallState {
  switch (event.kind) {
    case 'moment':
      return hearAll({ ...state, at: event.moment });
    case 'tapped': {
      const { callId, answerId } = event;
      return change(state, callId, { outcome: { kind: 'sending', answerId } });
    }
    case 'frame':
      return afterFrame(state, event.frame);
  }
}

/** Tells what is to be seen: of the newest call of which there is something to say. */
export function callStateView({ asked, at }: CallState): CallView {
  let seen: CallView = { kind: 'none' };
  let seenAtMs = Number.NEGATIVE_INFINITY;
  for (const one of asked.values()) {
    if (one.call === null || one.call.atProgramTimeMs < seenAtMs) continue;
    const view = viewOf(one.call, one, at);
    if (view.kind === 'none') continue;
    seen = view;
    seenAtMs = one.call.atProgramTimeMs;
  }
  return seen;
}

function viewOf(call: CallFrame, { heard, outcome, isAgain }: Asked, at: Moment): CallView {
  if (outcome?.kind === 'sending') {
    const sinceMs = at.serverMs - overMs(call);
    if (sinceMs <= 0) return { kind: 'sending', call };
    return sinceMs > SAID_MS ? { kind: 'none' } : { kind: 'unsent', call };
  }
  if (outcome !== null) {
    if (at.serverMs - outcome.atMs > SAID_MS) return { kind: 'none' };
    return outcome.kind === 'confirmed'
      ? { kind: 'confirmed', call, status: outcome.status, isOther: outcome.isOther }
      : { kind: 'refused', call, code: outcome.code };
  }
  if (heard === null) return { kind: 'none' };
  const lateMs = at.serverMs - overMs(call);
  if (lateMs > 0) return lateMs > SAID_MS ? { kind: 'none' } : { kind: 'missed', call };
  return { kind: 'asking', call, leftMs: leftMs(call, heard, at), stalled: heard.stalled, isAgain };
}

function leftMs(call: CallFrame, { stalled }: Heard, { serverMs, playheadMs }: Moment): number {
  // Without a playhead, the server's time tells how long ago she was asked.
  const endMs = windowEndMs(call) + (stalled ? LIMITS.stalledAfterMs : 0);
  const nowMs = stalled || playheadMs === null ? serverMs : playheadMs;
  return Math.max(0, Math.min(call.windowMs, endMs - nowMs));
}

function hearAll(state: CallState): CallState {
  let next = state;
  for (const [callId, { call, heard, outcome }] of state.asked) {
    if (call === null || outcome !== null) continue;
    const now = heard === null ? hears(call, state.at) : heardAnew(call, heard, state.at);
    if (now !== heard && now !== null) next = change(next, callId, { heard: now });
  }
  return next;
}

function hears(call: CallFrame, { playheadMs, serverMs, stillMs }: Moment): Heard | null {
  if (serverMs > overMs(call)) return null;
  if (playheadMs !== null && playheadMs >= call.atProgramTimeMs) return { stalled: false };
  // A hitch passes: who stands still for so long is not about to come to the call.
  const isStill = playheadMs === null || stillMs >= LIMITS.stalledAfterMs;
  const isDue = serverMs >= call.atProgramTimeMs + LIMITS.stalledAfterMs;
  return isStill && isDue ? { stalled: true } : null;
}

/** Her picture moves again, and has yet to come to the call: her own window begins when it does. */
function heardAnew(call: CallFrame, heard: Heard, { playheadMs, stillMs }: Moment): Heard {
  const isBefore = playheadMs !== null && stillMs === 0 && playheadMs < call.atProgramTimeMs;
  return heard.stalled && isBefore ? { stalled: false } : heard;
}

function afterFrame(state: CallState, frame: ServerFrame): CallState {
  switch (frame.type) {
    case 'welcome': {
      const { call, answered } = frame;
      const next = call === undefined ? state : change(state, call.callId, { call });
      return hearAll(answered === undefined ? next : afterAnswered(next, answered));
    }
    case 'call':
      // With an id that is known it has another window: who has heard it has heard it.
      return hearAll(change(state, frame.callId, { call: frame }));
    case 'closed': {
      const call = state.asked.get(frame.callId)?.call ?? null;
      if (call === null) return state;
      const windowMs = Math.max(0, frame.atProgramTimeMs - call.atProgramTimeMs);
      return change(state, frame.callId, { call: { ...call, windowMs } });
    }
    case 'ack': {
      const { callId, status, duplicate: isOther } = frame;
      return change(state, callId, {
        outcome: { kind: 'confirmed', status, isOther, atMs: state.at.serverMs },
      });
    }
    case 'refused':
      return afterRefused(state, frame);
    default:
      return state;
  }
}

function afterAnswered(
  state: CallState,
  { callId, status }: { callId: string; status: AnswerStatus },
): CallState {
  // She has answered on another device, or before a reload: there is nothing to say of that now.
  const isNews = state.asked.get(callId)?.outcome?.kind === 'sending';
  const atMs = isNews ? state.at.serverMs : Number.NEGATIVE_INFINITY;
  return change(state, callId, { outcome: { kind: 'confirmed', status, isOther: false, atMs } });
}

function afterRefused(state: CallState, frame: Extract<ServerFrame, { type: 'refused' }>): CallState {
  const { code, answerId, retryAfterMs } = frame;
  // What may be sent again is: she need not know.
  if (retryAfterMs !== undefined || answerId === undefined) return state;
  for (const [callId, { outcome }] of state.asked) {
    if (outcome?.kind !== 'sending' || outcome.answerId !== answerId) continue;
    return MENDABLE.has(code)
      ? change(state, callId, { outcome: null, isAgain: true })
      : change(state, callId, { outcome: { kind: 'refused', code, atMs: state.at.serverMs } });
  }
  return state;
}

function change(state: CallState, callId: string, what: Partial<Asked>): CallState {
  const before = state.asked.get(callId) ?? NEW;
  const { outcome, ...rest } = what;
  // The first word of an ack is the last: no frame, and no tap of another tab, takes it back.
  const stands = outcome === undefined || before.outcome?.kind === 'confirmed';
  const asked = new Map(state.asked);
  asked.set(callId, { ...before, ...rest, ...(stands ? {} : { outcome }) });
  for (const oldest of asked.keys()) {
    if (asked.size <= REMEMBERED) break;
    asked.delete(oldest);
  }
  return { ...state, asked };
}
