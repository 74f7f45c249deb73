import type { AnswerStatus } from '../../rollcall/protocol/answer.ts';
import { overMs, windowEndMs } from '../../rollcall/protocol/call.ts';
import type { CallFrame } from '../../rollcall/protocol/frames.ts';
import { LIMITS } from '../../rollcall/protocol/limits.ts';
import type { AskedCall, CallState, Heard, Moment } from './call-state.ts';

/** What a student sees of a call. */
export type CallView =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'asking';
      readonly call: CallFrame;
      /** What is left of her window, milliseconds; 0 when it has ended and an answer would be late. */
      readonly leftMs: number;
      readonly stalled: boolean;
      /** Her last answer was rejected; she may try once more. */
      readonly isAgain: boolean;
    }
  | { readonly kind: 'sending'; readonly call: CallFrame }
  | {
      readonly kind: 'confirmed';
      readonly call: CallFrame;
      readonly status: AnswerStatus;
      /** Another answer of hers, from another tab, was first and counts. */
      readonly isOther: boolean;
    }
  /** The call is over and the answer has not arrived: it is pending, and is sent in the background. */
  | { readonly kind: 'unsent'; readonly call: CallFrame }
  | { readonly kind: 'refused'; readonly call: CallFrame; readonly code: string }
  | { readonly kind: 'missed'; readonly call: CallFrame };

/** How long a result is shown: an answer that is confirmed, a call that was missed, milliseconds. */
const RESULT_SHOWN_MS = 6000;
const NOTHING: CallView = { kind: 'none' };

/** The view of the newest call that has something to show. */
export function callStateView({ asked, at }: CallState): CallView {
  let newest: CallView = NOTHING;
  let newestAtMs = Number.NEGATIVE_INFINITY;
  for (const one of asked.values()) {
    if (one.call === null || one.call.atProgramTimeMs < newestAtMs) continue;
    const view = viewOf(one.call, one, at);
    if (view.kind === 'none') continue;
    newest = view;
    newestAtMs = one.call.atProgramTimeMs;
  }
  return newest;
}

function viewOf(call: CallFrame, { heard, outcome, isAgain }: AskedCall, at: Moment): CallView {
  const sinceOverMs = at.serverMs - overMs(call);
  if (outcome?.kind === 'sending') {
    if (sinceOverMs <= 0) return { kind: 'sending', call };
    return sinceOverMs > RESULT_SHOWN_MS ? NOTHING : { kind: 'unsent', call };
  }
  if (outcome !== null) {
    if (at.serverMs - outcome.atMs > RESULT_SHOWN_MS) return NOTHING;
    return outcome.kind === 'confirmed'
      ? { kind: 'confirmed', call, status: outcome.status, isOther: outcome.isOther }
      : { kind: 'refused', call, code: outcome.code };
  }
  if (heard === null) return NOTHING;
  if (sinceOverMs > 0) return sinceOverMs > RESULT_SHOWN_MS ? NOTHING : { kind: 'missed', call };
  return { kind: 'asking', call, leftMs: leftMs(call, heard, at), stalled: heard.stalled, isAgain };
}

function leftMs(call: CallFrame, { stalled }: Heard, { serverMs, playheadMs }: Moment): number {
  // Without a playhead, the server's time tells how long ago she was asked.
  const endMs = windowEndMs(call) + (stalled ? LIMITS.stalledAfterMs : 0);
  const nowMs = stalled || playheadMs === null ? serverMs : playheadMs;
  return Math.max(0, Math.min(call.windowMs, endMs - nowMs));
}
