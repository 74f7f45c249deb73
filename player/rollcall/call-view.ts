import type { AnswerStatus, AnswerValue } from '../../rollcall/protocol/answer.ts';
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
  /** Her answer counts, and she may change it until her window ends. */
  | {
      readonly kind: 'answered';
      readonly call: CallFrame;
      readonly value: AnswerValue;
      readonly leftMs: number;
      readonly stalled: boolean;
      /** The one that she gave last does not count: another of hers is newer, or it was not accepted. */
      readonly isOther: boolean;
    }
  | {
      readonly kind: 'confirmed';
      readonly call: CallFrame;
      readonly status: AnswerStatus;
      /** Another answer of hers, from another tab, was first and counts. */
      readonly isOther: boolean;
      /** Of a call whose answers may be changed, until then: the one that counts. */
      readonly value?: AnswerValue;
      /** She has changed it as often as she may. */
      readonly isFixed: boolean;
    }
  /** The call is over and the answer has not arrived: it is pending, and is sent in the background. */
  | { readonly kind: 'unsent'; readonly call: CallFrame }
  | { readonly kind: 'refused'; readonly call: CallFrame; readonly code: string }
  | { readonly kind: 'missed'; readonly call: CallFrame };

/** How long a result is shown: an answer that is confirmed, a call that was missed, milliseconds. */
const RESULT_SHOWN_MS = 6000;
const NOTHING: CallView = { kind: 'none' };

/** The view of the newest call that has something to show; one that is answered, and may be answered again, comes after the others. */
export function callStateView({ asked, at }: CallState): CallView {
  let [newest, answered]: [CallView, CallView] = [NOTHING, NOTHING];
  for (const one of asked.values()) {
    const view = one.call === null ? NOTHING : viewOf(one.call, one, at);
    if (view.kind === 'answered') answered = newer(answered, view);
    else newest = newer(newest, view);
  }
  return newest.kind === 'none' ? answered : newest;
}

function newer(one: CallView, other: CallView): CallView {
  if (one.kind === 'none' || other.kind === 'none') return one.kind === 'none' ? other : one;
  return other.call.atProgramTimeMs >= one.call.atProgramTimeMs ? other : one;
}

function viewOf(call: CallFrame, asked: AskedCall, at: Moment): CallView {
  const { heard, outcome, isAgain, counted, isFixed } = asked;
  const sinceOverMs = at.serverMs - overMs(call);
  if (outcome?.kind === 'sending') {
    if (sinceOverMs <= 0) return { kind: 'sending', call };
    return sinceOverMs > RESULT_SHOWN_MS ? NOTHING : { kind: 'unsent', call };
  }
  if (outcome?.kind === 'confirmed' && counted !== null && heard !== null && !isFixed) {
    const ownMs = leftMs(call, heard, at);
    const { isOther } = outcome;
    const { value } = counted;
    if (ownMs > 0) return { kind: 'answered', call, value, leftMs: ownMs, stalled: heard.stalled, isOther };
  }
  if (outcome !== null) {
    if (at.serverMs - outcome.atMs > RESULT_SHOWN_MS) return NOTHING;
    return outcome.kind === 'confirmed'
      ? {
          ...{ kind: 'confirmed', call, status: outcome.status, isOther: outcome.isOther, isFixed },
          ...(counted === null ? {} : { value: counted.value }),
        }
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
