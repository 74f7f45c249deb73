import { attributeList, yes } from './attribute-list.ts';
import { type FieldTable, flag, optional, repeated, required } from './field-table.ts';
import { dateTime, extinfDuration, quotedString, seconds, writtenOnce } from './value-types.ts';

/** EXT-X-PART (RFC 8216bis §4.4.4.9). */
export type PlaylistPart = {
  /** Seconds. */
  readonly durationS: number;
  readonly uri: string;
  /** It "contains an independent frame": decoding can start with it. */
  readonly independent: boolean;
  /** "GAP is REQUIRED for Partial Segments that are not available". */
  readonly gap: boolean;
};

/** The tags of one segment, in the order in which they are written in front of its URI. */
export type MediaSegmentTags = {
  /** EXT-X-DISCONTINUITY (§4.4.4.3): it does not continue the segment before it. */
  readonly discontinuity: boolean;
  /** EXT-X-MAP (§4.4.4.5): its init segment; null where that of the segment before it applies. */
  readonly map: { readonly uri: string } | null;
  /**
   * EXT-X-PROGRAM-DATE-TIME (§4.4.4.6): when its first sample is shown, UTC milliseconds. It is written in front of the
   * parts, since a tag that applies to a segment applies to the parts that follow it.
   */
  readonly programDateTimeMs: number | null;
  /** Its parts, oldest first; empty once it is far from the end of the playlist. */
  readonly parts: readonly PlaylistPart[];
  /** EXT-X-GAP (§4.4.4.7): there is no media for this time, and its URI is not to be requested. */
  readonly gap: boolean;
  /** EXTINF (§4.4.4.1), seconds; null while it grows. */
  readonly durationS: number | null;
};

/** A segment of a media playlist. */
export type MediaSegment = MediaSegmentTags & {
  /** null while it grows: only parts of it are listed then, and it is the last one. */
  readonly uri: string | null;
};

/** What a segment is before any of its tags has been read. */
export const NO_SEGMENT_TAGS: MediaSegmentTags = {
  discontinuity: false,
  map: null,
  programDateTimeMs: null,
  parts: [],
  gap: false,
  durationS: null,
};

const map = attributeList({ uri: '' }, { uri: required('URI', quotedString) });

const part = writtenOnce(
  attributeList<PlaylistPart>(
    { durationS: 0, uri: '', independent: false, gap: false },
    {
      durationS: required('DURATION', seconds),
      uri: required('URI', quotedString),
      independent: yes('INDEPENDENT'),
      gap: yes('GAP'),
    },
  ),
);

/** The tags of a segment: what writes them, and what reads them. */
export const SEGMENT_TAGS: FieldTable<MediaSegmentTags> = {
  discontinuity: flag('EXT-X-DISCONTINUITY'),
  map: optional('EXT-X-MAP', map),
  programDateTimeMs: optional('EXT-X-PROGRAM-DATE-TIME', dateTime),
  parts: repeated('EXT-X-PART', part),
  gap: flag('EXT-X-GAP'),
  durationS: optional('EXTINF', extinfDuration),
};
