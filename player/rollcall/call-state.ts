import type { AnswerStatus, CountedAnswer } from '../../rollcall/protocol/answer.ts';
import { overMs } from '../../rollcall/protocol/call.ts';
import type { CallFrame, ServerFrame } from '../../rollcall/protocol/frames.ts';
import { LIMITS } from '../../rollcall/protocol/limits.ts';

/** Clocks and playhead at one moment. */
export type Moment = {
  /** The server's time, UTC milliseconds. */
  readonly serverMs: number;
  /** Program date time of her playhead; null while nothing plays. */
  readonly playheadMs: number | null;
  /** How long her playhead has stood still, milliseconds. */
  readonly stillMs: number;
};

/** How a call reached her: `stalled` when her player stood still, so that she was asked without it. */
export type Heard = { readonly stalled: boolean };

/** What became of her answer. */
export type Outcome =
  | { readonly kind: 'sending'; readonly answerId: string }
  | {
      readonly kind: 'confirmed';
      readonly status: AnswerStatus;
      /** Another answer of hers was first and counts. */
      readonly isOther: boolean;
      readonly atMs: number;
    }
  | { readonly kind: 'refused'; readonly code: string; readonly atMs: number };

/** One call, and what became of it. */
export type AskedCall = {
  /** Null where an ack arrived before the call itself: after a reload, with a pending answer. */
  readonly call: CallFrame | null;
  readonly heard: Heard | null;
  readonly outcome: Outcome | null;
  /** Her last answer was rejected, but another one may be accepted. */
  readonly isAgain: boolean;
  /** Her answer that counts and its status, where she may change it; null before the first. */
  readonly counted: Counted | null;
  /** She has changed it as often as she may. */
  readonly isFixed: boolean;
};

/** The answer of a student that counts. */
type Counted = CountedAnswer & { readonly status: AnswerStatus };

/**
 * The calls that a student is asked, by id. There may be two at a time: a student who is behind has yet to hear the one while
 * the next is already open, and a call in its grace still accepts answers.
 */
export type CallState = {
  readonly asked: ReadonlyMap<string, AskedCall>;
  readonly at: Moment;
};

/** What changes the state. */
export type CallEvent =
  | { readonly kind: 'frame'; readonly frame: ServerFrame }
  | { readonly kind: 'moment'; readonly moment: Moment }
  /** She tapped, or a pending answer of an earlier page is sent again. */
  | { readonly kind: 'tapped'; readonly callId: string; readonly answerId: string };

/** How many calls are remembered: a change of an old one's window must not ask it again. */
const REMEMBERED = 32;
/** Refusals that another tap may avoid: a little too early, a clock that was wrong, a value that does not fit. */
const MENDABLE = new Set(['too-early', 'bad-claim', 'bad-answer']);

const NEW: AskedCall = {
  ...{ call: null, heard: null, outcome: null, isAgain: false },
  ...{ counted: null, isFixed: false },
};

/** The state before the first call. */
export const EMPTY_CALL_STATE: CallState = {
  asked: new Map(),
  at: { serverMs: 0, playheadMs: null, stillMs: 0 },
};

/**
 * The state after an event. A confirmed answer stays confirmed, whatever follows it and in whatever order, until she changes it where
 * she may.
 */
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

function hearAll(state: CallState): CallState {
  let next = state;
  for (const [callId, { call, heard, outcome }] of state.asked) {
    if (call === null || (outcome !== null && call.changeable !== true)) continue;
    const now = heard === null ? hears(call, state.at) : hearsAgain(call, heard, state.at);
    if (now !== heard && now !== null) next = change(next, callId, { heard: now });
  }
  return next;
}

function hears(call: CallFrame, { playheadMs, serverMs, stillMs }: Moment): Heard | null {
  if (serverMs > overMs(call)) return null;
  if (playheadMs !== null && playheadMs >= call.atProgramTimeMs) return { stalled: false };
  // A short stall ends by itself: a playhead that stands still for longer does not reach the call in time.
  const isStill = playheadMs === null || stillMs >= LIMITS.stalledAfterMs;
  const isDue = serverMs >= call.atProgramTimeMs + LIMITS.stalledAfterMs;
  return isStill && isDue ? { stalled: true } : null;
}

/** Her picture moves again and has yet to reach the call: her own window starts when it does. */
function hearsAgain(call: CallFrame, heard: Heard, { playheadMs, stillMs }: Moment): Heard {
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
      // With a known id the call has another window; that she heard it stays true.
      return hearAll(change(state, frame.callId, { call: frame }));
    case 'closed': {
      const call = state.asked.get(frame.callId)?.call ?? null;
      if (call === null) return state;
      const windowMs = Math.max(0, frame.atProgramTimeMs - call.atProgramTimeMs);
      return change(state, frame.callId, { call: { ...call, windowMs } });
    }
    case 'ack':
      return afterAck(state, frame);
    case 'refused':
      return afterRefused(state, frame);
    default:
      return state;
  }
}

function afterAck(state: CallState, frame: Extract<ServerFrame, { type: 'ack' }>): CallState {
  const { callId, answerId, status, duplicate: isOther, counted } = frame;
  const next = withCounted(state, callId, status, counted);
  const sending = state.asked.get(callId)?.outcome;
  // The ack of an answer that she has changed since: the newer one has its own.
  if (counted !== undefined && sending?.kind === 'sending' && sending.answerId !== answerId) return next;
  return change(next, callId, { outcome: { kind: 'confirmed', status, isOther, atMs: state.at.serverMs } });
}

/** Takes what the server says of her answer that counts; an older word that comes later does not count. */
function withCounted(
  state: CallState,
  callId: string,
  status: AnswerStatus,
  counted: CountedAnswer | undefined,
): CallState {
  const before = state.asked.get(callId)?.counted?.sequence ?? -1;
  if (counted === undefined || counted.sequence < before) return state;
  return change(state, callId, { counted: { ...counted, status } });
}

function afterAnswered(
  before: CallState,
  { callId, status, counted }: NonNullable<Extract<ServerFrame, { type: 'welcome' }>['answered']>,
): CallState {
  const state = withCounted(before, callId, status, counted);
  // What she is sending may be newer than what the server has, and gets its own ack.
  if (counted !== undefined && state.asked.get(callId)?.outcome?.kind === 'sending') return state;
  // She answered on another device, or before a reload: that is no news to show now.
  const isNews = state.asked.get(callId)?.outcome?.kind === 'sending';
  const atMs = isNews ? state.at.serverMs : Number.NEGATIVE_INFINITY;
  return change(state, callId, { outcome: { kind: 'confirmed', status, isOther: false, atMs } });
}

function afterRefused(state: CallState, frame: Extract<ServerFrame, { type: 'refused' }>): CallState {
  const { code, answerId, retryAfterMs } = frame;
  // An answer that may be sent again is, without her noticing.
  if (retryAfterMs !== undefined || answerId === undefined) return state;
  for (const [callId, asked] of state.asked) {
    const { outcome, counted } = asked;
    if (outcome?.kind !== 'sending' || outcome.answerId !== answerId) continue;
    const atMs = state.at.serverMs;
    if (counted !== null) {
      // It is a change that was refused: the answer before it counts.
      const isFixed = asked.isFixed || code === 'too-many-changes';
      const { status } = counted;
      return change(state, callId, { outcome: { kind: 'confirmed', status, isOther: true, atMs }, isFixed });
    }
    return MENDABLE.has(code)
      ? change(state, callId, { outcome: null, isAgain: true })
      : change(state, callId, { outcome: { kind: 'refused', code, atMs } });
  }
  return state;
}

function change(state: CallState, callId: string, what: Partial<AskedCall>): CallState {
  const before = state.asked.get(callId) ?? NEW;
  const { outcome, ...rest } = what;
  // The first ack is final: no frame, and no tap in another tab, changes it. Where she may change her answer, her next tap does.
  const mayChange = before.call?.changeable === true || (what.counted ?? before.counted) !== null;
  const isFinal = outcome === undefined || (before.outcome?.kind === 'confirmed' && !mayChange);
  const asked = new Map(state.asked);
  asked.set(callId, { ...before, ...rest, ...(isFinal ? {} : { outcome }) });
  for (const oldest of asked.keys()) {
    if (asked.size <= REMEMBERED) break;
    asked.delete(oldest);
  }
  return { ...state, asked };
}
