import { type Call, isCallId } from './call.ts';
import { isRecord } from './checked.ts';
import { type CallFrame, callFrame } from './frames.ts';
import { readCall } from './server-frame-reader.ts';

/** CLASS of the date ranges of calls, and what stands in front of a call's id there. */
export const CALL_CLASS = 'org.lectern.roll-call';
const CALL_ID = 'call-';
/** CLASS of the date ranges that tell of another end of a call's window. */
export const WINDOW_CLASS = 'org.lectern.roll-call-window';

/** An EXT-X-DATERANGE as a player has read it (RFC 8216bis §4.4.5.1). */
export type ListedRange = {
  readonly id: string;
  readonly class: string;
  /** END-DATE, or START-DATE and DURATION, UTC milliseconds; null where neither is there. */
  readonly endMs: number | null;
  /** Client attributes (`X-…`) by name, without their quotes; undefined where there is none. */
  attribute(name: string): string | undefined;
};

/** A call as a live playlist lists it. */
export type ListedCall = {
  readonly frame: CallFrame;
  /** Its window was ended by its teacher, or has ended and is settled. */
  readonly isClosed: boolean;
};

/**
 * Writes what a page has to know to ask a call, as the value of a playlist attribute: base64url (RFC 4648 §5) of JSON in UTF-8, since
 * a quoted string holds no line feed and no quote.
 *
 * @param call as it was opened: what changes later is not written here
 * @returns `A-Z`, `a-z`, `0-9`, `-` and `_`; at most some 3,500 characters
 */
export function writeAsk(call: Call): string {
  const { type: _type, callId: _callId, ...rest } = callFrame(call);
  const bytes = new TextEncoder().encode(JSON.stringify(rest));
  let binary = '';
  for (const byte of bytes) binary += String.fromCodePoint(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/**
 * Reads what {@link writeAsk} has written.
 *
 * @returns null where it is not valid
 */
export function readAsk(callId: string, text: string): CallFrame | null {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (character) => character.codePointAt(0) ?? 0);
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isRecord(value) ? readCall({ ...value, callId }) : null;
  } catch {
    return null;
  }
}

/**
 * Reads the calls of a live playlist.
 *
 * The date range of a call never changes, but gets an END-DATE when the call is closed. Another end of its window has a date range of
 * its own (`window-{call id}-{n}`), of which the last counts: after END-DATE where it says so (`X-REOPENS`), else before it.
 *
 * @param ranges in any order
 * @returns the calls with their windows as they are now, by program date time; calls that do not tell what is asked are left out
 */
export function readListedCalls(ranges: Iterable<ListedRange>): ListedCall[] {
  const calls: { readonly frame: CallFrame; readonly endMs: number | null }[] = [];
  const windows = new Map<string, WindowChange>();
  for (const range of ranges) {
    if (range.class === CALL_CLASS) {
      const callId = range.id.slice(CALL_ID.length);
      const ask = range.attribute('X-ASK');
      const frame = isCallId(callId) && ask !== undefined ? readAsk(callId, ask) : null;
      if (frame !== null) calls.push({ frame, endMs: range.endMs });
    } else if (range.class === WINDOW_CLASS) {
      const change = windowChange(range);
      if (change !== null && change.n > (windows.get(change.callId)?.n ?? 0))
        windows.set(change.callId, change);
    }
  }
  const now = calls.map(({ frame, endMs }) => asItIsNow(frame, endMs, windows.get(frame.callId)));
  return now.sort((a, b) => a.frame.atProgramTimeMs - b.frame.atProgramTimeMs);
}

type WindowChange = {
  readonly callId: string;
  readonly n: number;
  readonly endMs: number;
  readonly reopens: boolean;
};

const WINDOW_ID = /^window-([a-z0-9]{1,32})-([1-9][0-9]{0,3})$/;

function windowChange(range: ListedRange): WindowChange | null {
  const [, callId, n] = WINDOW_ID.exec(range.id) ?? [];
  if (callId === undefined || range.endMs === null) return null;
  return { callId, n: Number(n), endMs: range.endMs, reopens: range.attribute('X-REOPENS') === 'YES' };
}

function asItIsNow(frame: CallFrame, endMs: number | null, change: WindowChange | undefined): ListedCall {
  const isReopened = change?.reopens === true;
  const windowEndMs = isReopened ? change.endMs : (endMs ?? change?.endMs ?? null);
  if (windowEndMs === null) return { frame, isClosed: false };
  const windowMs = Math.max(0, Math.round(windowEndMs - frame.atProgramTimeMs));
  return { frame: { ...frame, windowMs }, isClosed: endMs !== null && !isReopened };
}
