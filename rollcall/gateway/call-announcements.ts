import { type Call, callPhase, windowEndMs } from '../protocol/call.ts';
import { type CallFrame, callFrame, type ClosedFrame } from '../protocol/frames.ts';

/** What the members of a room were last told about the newest call. */
export type AnnouncedCall = {
  readonly callId: string;
  readonly windowMs: number;
  /** The end of its window was announced. */
  readonly isClosed: boolean;
};

/** What is to be announced now. */
export type Announcements = {
  readonly announced: AnnouncedCall | null;
  /** To be sent in this order. */
  readonly frames: readonly (CallFrame | ClosedFrame)[];
  /** The call was announced for the first time: all connected students are asked. */
  readonly isNewCall: boolean;
};

/**
 * Compares the newest call of a channel with what was announced.
 *
 * A new call is announced unless it is over; a changed window only while it is open; the end of the window once. A call whose
 * window is extended after its end is announced again, and its end as well.
 *
 * @param announced null for nothing yet
 * @param call the newest call of the channel
 * @param nowMs UTC milliseconds
 */
export function announcements(announced: AnnouncedCall | null, call: Call, nowMs: number): Announcements {
  const { callId, windowMs } = call;
  const phase = callPhase(call, nowMs);
  const isNewCall = announced?.callId !== callId;
  if (isNewCall && phase === 'over') return { announced, frames: [], isNewCall: false };
  const isReopened = phase === 'open' && announced?.windowMs !== windowMs;
  const wasClosed = !isNewCall && !isReopened && announced.isClosed;
  const isClosed = phase !== 'open';
  const frames: (CallFrame | ClosedFrame)[] = [];
  if (isNewCall || isReopened) frames.push(callFrame(call));
  if (isClosed && !wasClosed) {
    frames.push({ type: 'closed', callId, atProgramTimeMs: windowEndMs(call) });
  }
  return { announced: { callId, windowMs, isClosed: isClosed || wasClosed }, frames, isNewCall };
}
