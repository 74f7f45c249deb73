import { isCallId } from '../../protocol/call.ts';
import { isFiniteNumber, isRecord } from '../../protocol/checked.ts';
import type { Answer, Attendee, RosterEntry, StoredCall } from '../ledger.ts';
import { isChannel, readAnswer, readAttendee, readRoster, readStoredCall } from '../stored-records.ts';

/** A record of the log: one event, complete in itself. */
export type LogRecord =
  /** A call was opened, or has changed to this. */
  | { readonly t: 'call'; readonly call: StoredCall }
  | { readonly t: 'answer'; readonly answer: Answer }
  | { readonly t: 'watched'; readonly channel: string; readonly attendee: Attendee; readonly minute: number }
  /** Students to whom a call was announced. */
  | {
      readonly t: 'asked';
      readonly callId: string;
      readonly attendees: readonly Attendee[];
      readonly atMs: number;
    }
  /** Written to test whether the disk works again. */
  | { readonly t: 'probe'; readonly atMs: number }
  | {
      readonly t: 'roster';
      readonly channel: string;
      readonly entries: readonly RosterEntry[];
      readonly atMs: number;
    };

/**
 * Reads a record of the log, which another version of the program may have written.
 *
 * @returns null when it is not valid or of an unknown type
 */
export function readRecord(raw: Readonly<Record<string, unknown>>): LogRecord | null {
  switch (raw['t']) {
    case 'call': {
      const call = isRecord(raw['call']) ? readStoredCall(raw['call']) : null;
      return call === null ? null : { t: 'call', call };
    }
    case 'answer': {
      const answer = isRecord(raw['answer']) ? readAnswer(raw['answer']) : null;
      return answer === null ? null : { t: 'answer', answer };
    }
    case 'watched': {
      const { channel, minute } = raw;
      const attendee = isRecord(raw['attendee']) ? readAttendee(raw['attendee']) : null;
      if (attendee === null || !isChannel(channel) || !isFiniteNumber(minute)) return null;
      return { t: 'watched', channel, attendee, minute };
    }
    case 'asked': {
      const { callId, attendees, atMs } = raw;
      if (!isCallId(callId) || !Array.isArray(attendees) || !isFiniteNumber(atMs)) return null;
      const read = attendees.flatMap((one: unknown) => (isRecord(one) ? (readAttendee(one) ?? []) : []));
      return { t: 'asked', callId, attendees: read, atMs };
    }
    case 'probe': {
      const { atMs } = raw;
      return isFiniteNumber(atMs) ? { t: 'probe', atMs } : null;
    }
    case 'roster': {
      const { channel, atMs } = raw;
      const entries = readRoster(raw['entries']);
      if (!isChannel(channel) || !isFiniteNumber(atMs) || entries === null) return null;
      return { t: 'roster', channel, entries, atMs };
    }
    default:
      return null;
  }
}

/** When the event of a record happened, UTC milliseconds. */
export function timeOf(record: LogRecord): number {
  switch (record.t) {
    case 'call':
      return record.call.atProgramTimeMs;
    case 'answer':
      return record.answer.receivedMs;
    case 'watched':
      return record.minute * 60_000;
    case 'asked':
    case 'probe':
    case 'roster':
      return record.atMs;
  }
}
