import { attributeList } from './attribute-list.ts';
import { optional, required } from './field-table.ts';
import { quotedDateTime, quotedString, seconds, type ValueType, writtenOnce } from './value-types.ts';

/** EXT-X-DATERANGE (RFC 8216bis §4.4.5.1): a stretch of time, or a moment, and what it means. */
export type DateRange = {
  /** "uniquely identifies a Date Range in the Playlist". */
  readonly id: string;
  /** CLASS: all date ranges of one class have the same client attributes. */
  readonly class: string;
  /** START-DATE, UTC milliseconds. */
  readonly startMs: number;
  /** END-DATE, UTC milliseconds; null while it is not known. */
  readonly endMs: number | null;
  /** DURATION, seconds; null while it is not known. */
  readonly durationS: number | null;
  /** X-STATE: what a run is to viewers; null in other classes. */
  readonly state: string | null;
  /** X-BROADCAST: the broadcast that a run belongs to; null for none. */
  readonly broadcast: string | null;
  /** X-KIND: what a mark asks; null in other classes. */
  readonly kind: string | null;
  /** X-ASK: all that a page needs to ask it; null where it is not asked there. */
  readonly ask: string | null;
  /** X-REOPENS: "YES" where the end of a window counts though its mark has an END-DATE; null in all others. */
  readonly reopens: string | null;
};

/** A date range without any attribute. */
export const NO_DATE_RANGE: DateRange = {
  id: '',
  class: '',
  startMs: 0,
  endMs: null,
  durationS: null,
  state: null,
  broadcast: null,
  kind: null,
  ask: null,
  reopens: null,
};

/** The attributes of a date range: what writes them, and what reads them. */
export const dateRange: ValueType<DateRange> = writtenOnce(
  attributeList(NO_DATE_RANGE, {
    id: required('ID', quotedString),
    class: required('CLASS', quotedString),
    startMs: required('START-DATE', quotedDateTime),
    endMs: optional('END-DATE', quotedDateTime),
    durationS: optional('DURATION', seconds),
    state: optional('X-STATE', quotedString),
    broadcast: optional('X-BROADCAST', quotedString),
    kind: optional('X-KIND', quotedString),
    ask: optional('X-ASK', quotedString),
    reopens: optional('X-REOPENS', quotedString),
  }),
);
