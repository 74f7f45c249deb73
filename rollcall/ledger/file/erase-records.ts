import { isOfStudent } from '../student-data.ts';
import type { LogRecord } from './log-record.ts';

/**
 * Takes a student out of a record of the log.
 *
 * @param id her `sub`, or her number on the class list
 * @param isOwnCall whether a call is one of the channel's, or one that nobody knows any more
 * @returns the record without her, the same one when she is not in it; null when nothing is left
 */
export function withoutStudent(
  record: LogRecord,
  channel: string,
  id: string,
  isOwnCall: (callId: string) => boolean,
): LogRecord | null {
  switch (record.t) {
    case 'answer':
      return record.answer.channel === channel && isOfStudent(id, record.answer) ? null : record;
    case 'watched':
      return record.channel === channel && isOfStudent(id, record.attendee) ? null : record;
    case 'asked': {
      if (!isOwnCall(record.callId)) return record;
      const attendees = record.attendees.filter((attendee) => !isOfStudent(id, attendee));
      if (attendees.length === record.attendees.length) return record;
      return attendees.length === 0 ? null : { ...record, attendees };
    }
    case 'roster': {
      if (record.channel !== channel) return record;
      const entries = record.entries.filter((entry) => entry.id !== id);
      return entries.length === record.entries.length ? record : { ...record, entries };
    }
    case 'call':
    case 'probe':
      return record;
  }
}
