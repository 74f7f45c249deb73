import type { AnswerStatus } from '../../rollcall/protocol/answer.ts';
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
  | { readonly kind: 'confirmed'; readonly status: AnswerStatus; readonly atMs: number }
  | { readonly kind: 'refused'; readonly code: string; readonly atMs: number };

/** The call that a student is asked, and what has come of it. */
export type Desk = {
  readonly call: CallFrame | null;
  readonly heard: Heard | null;
  readonly outcome: Outcome | null;
  readonly at: Moment;
};

/** What happens at a desk. */
export type DeskEvent =
  | { readonly kind: 'frame'; readonly frame: ServerFrame }
  | { readonly kind: 'moment'; readonly moment: Moment }
  /** She tapped, or a tap that was kept from before is sent again. */
  | { readonly kind: 'tapped'; readonly callId: string; readonly answerId: string };

/** What a student sees of a call. */
export type DeskView =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'asking';
      readonly call: CallFrame;
      /** What is left of her window, milliseconds; 0 when it is over, and an answer would be late. */
      readonly leftMs: number;
      readonly stalled: boolean;
    }
  | { readonly kind: 'sending'; readonly call: CallFrame }
  | { readonly kind: 'confirmed'; readonly call: CallFrame; readonly status: AnswerStatus }
  | { readonly kind: 'refused'; readonly call: CallFrame; readonly code: string }
  | { readonly kind: 'missed'; readonly call: CallFrame };

/** A player that has stood still for so long is not about to come to the call. */
const STILL_MS = 1000;
/** How long it is said that an answer is there, or that a call was missed, milliseconds. */
const SAID_MS = 6000;

/** A desk at which nothing has been asked. */
export const EMPTY_DESK: Desk = {
  ...{ call: null, heard: null, outcome: null },
  at: { serverMs: 0, playheadMs: null, stillMs: 0 },
};

/** Moves a desk on. */
export function deskAfter(desk: Desk, event: DeskEvent): Desk {
  switch (event.kind) {
    case 'moment':
      return hear({ ...desk, at: event.moment });
    case 'tapped':
      return desk.call?.callId === event.callId
        ? { ...desk, outcome: { kind: 'sending', answerId: event.answerId } }
        : desk;
    case 'frame':
      return afterFrame(desk, event.frame);
  }
}

/** Tells what is to be seen. */
export function deskView({ call, heard, outcome, at }: Desk): DeskView {
  if (call === null) return { kind: 'none' };
  if (outcome?.kind === 'sending') return { kind: 'sending', call };
  if (outcome !== null) {
    if (at.serverMs - outcome.atMs > SAID_MS) return { kind: 'none' };
    return outcome.kind === 'confirmed'
      ? { kind: 'confirmed', call, status: outcome.status }
      : { kind: 'refused', call, code: outcome.code };
  }
  if (heard === null) return { kind: 'none' };
  const overMs = call.atProgramTimeMs + call.windowMs + call.graceMs;
  if (at.serverMs > overMs)
    return at.serverMs - overMs > SAID_MS ? { kind: 'none' } : { kind: 'missed', call };
  return { kind: 'asking', call, leftMs: leftMs(call, heard, at), stalled: heard.stalled };
}

function leftMs(call: CallFrame, { stalled }: Heard, { serverMs, playheadMs }: Moment): number {
  // Without a playhead, the server's time tells how long ago she was asked.
  const heardMs = call.atProgramTimeMs + (stalled ? LIMITS.stalledAfterMs : 0);
  const nowMs = stalled || playheadMs === null ? serverMs : playheadMs;
  return Math.max(0, Math.min(call.windowMs, heardMs + call.windowMs - nowMs));
}

function hear(desk: Desk): Desk {
  const { call, at } = desk;
  if (call === null || desk.heard !== null) return desk;
  const { playheadMs, serverMs, stillMs } = at;
  if (serverMs > call.atProgramTimeMs + call.windowMs + call.graceMs) return desk;
  if (playheadMs !== null && playheadMs >= call.atProgramTimeMs)
    return { ...desk, heard: { stalled: false } };
  const isStill = playheadMs === null || stillMs >= STILL_MS;
  const isDue = serverMs >= call.atProgramTimeMs + LIMITS.stalledAfterMs;
  return isStill && isDue ? { ...desk, heard: { stalled: true } } : desk;
}

function afterFrame(desk: Desk, frame: ServerFrame): Desk {
  switch (frame.type) {
    case 'welcome': {
      const next = frame.call === undefined ? desk : asked(desk, frame.call);
      const { answered } = frame;
      if (answered === undefined || answered.callId !== next.call?.callId) return hear(next);
      // She has answered on another device, or before a reload: there is nothing to say of that now.
      if (next.outcome?.kind === 'confirmed') return next;
      const isNews = next.outcome?.kind === 'sending';
      const atMs = isNews ? next.at.serverMs : Number.NEGATIVE_INFINITY;
      return { ...next, outcome: { kind: 'confirmed', status: answered.status, atMs } };
    }
    case 'call':
      return hear(asked(desk, frame));
    case 'closed': {
      const { call } = desk;
      if (call?.callId !== frame.callId) return desk;
      const windowMs = Math.max(0, frame.atProgramTimeMs - call.atProgramTimeMs);
      return { ...desk, call: { ...call, windowMs } };
    }
    case 'ack': {
      const { call, at } = desk;
      if (call?.callId !== frame.callId) return desk;
      return { ...desk, outcome: { kind: 'confirmed', status: frame.status, atMs: at.serverMs } };
    }
    case 'refused': {
      const { outcome, at } = desk;
      const isHers = outcome?.kind === 'sending' && outcome.answerId === frame.answerId;
      // What may be sent again is: she need not know.
      if (!isHers || frame.retryAfterMs !== undefined) return desk;
      // Early by a hair: she is asked again, with another tap.
      if (frame.code === 'too-early') return { ...desk, outcome: null };
      return { ...desk, outcome: { kind: 'refused', code: frame.code, atMs: at.serverMs } };
    }
    default:
      return desk;
  }
}

function asked(desk: Desk, call: CallFrame): Desk {
  // The same call with another window: who has heard it has heard it.
  if (desk.call?.callId === call.callId) return { ...desk, call };
  return { ...desk, call, heard: null, outcome: null };
}
