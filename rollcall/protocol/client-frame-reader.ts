import { checkClaim, type Claim } from './answer.ts';
import { checkQuestion, checkWindow, isCallId, type Question } from './call.ts';
import { bad, type Checked, good, isRecord } from './checked.ts';
import type { HelloFrame, PingFrame, WatchedFrame } from './frames.ts';
import { LIMITS } from './limits.ts';

/** A checked frame from a client. */
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

/**
 * Reads a frame from a client. Only its form is checked; the gateway decides who may send it and whether an answer counts.
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
      return readCommand(frame['type'], frame);
    default:
      return bad(`frame: no type ${(JSON.stringify(frame['type']) ?? 'at all').slice(0, 40)}`);
  }
}

/** The members of frames whose members no other function checks. */
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

/** Checks a watched minute: minutes since the epoch, a whole number. */
export function checkMinute(value: unknown): Checked<number> {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? good(value)
    : bad('minute: want minutes since the epoch');
}

const REF = /^[A-Za-z0-9_-]{1,64}$/;

function readCommand(
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
