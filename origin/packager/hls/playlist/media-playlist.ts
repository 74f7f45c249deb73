import { attributeList, yes } from './attribute-list.ts';
import { type DateRange, dateRange } from './date-range.ts';
import { type FieldTable, flag, optional, repeated, required } from './field-table.ts';
import type { MediaSegment } from './media-segment.ts';
import { decimalInteger, oneOf, quotedString, seconds, writtenOnce, yesOrNo } from './value-types.ts';

/** EXT-X-SERVER-CONTROL (RFC 8216bis §4.4.3.8): what the origin offers, and how far from the end to play; all in seconds. */
export type ServerControl = {
  /** CAN-BLOCK-RELOAD: requests with `_HLS_msn` are held. */
  readonly canBlockReload: boolean;
  /** CAN-SKIP-UNTIL, the Skip Boundary: "MUST be at least six times the Target Duration". */
  readonly canSkipUntilS: number | null;
  /** HOLD-BACK: "MUST be at least three times the Target Duration". */
  readonly holdBackS: number | null;
  /** PART-HOLD-BACK: "MUST be at least twice the Part Target Duration", "REQUIRED if … EXT-X-PART-INF". */
  readonly partHoldBackS: number | null;
};

/** EXT-X-START (§4.4.2.2): where playback is to begin. */
export type PlaylistStart = {
  /** Seconds from the beginning of the playlist. */
  readonly timeOffsetS: number;
  /** Samples in front of the offset are not to be shown. */
  readonly precise: boolean;
};

/** EXT-X-PRELOAD-HINT (§4.4.5.3): a resource that is going to be listed next. */
export type PreloadHint = { readonly type: 'PART' | 'MAP'; readonly uri: string };

/** EXT-X-RENDITION-REPORT (§4.4.5.4): how far another media playlist is. */
export type RenditionReport = {
  readonly uri: string;
  /** LAST-MSN: its newest segment. */
  readonly lastNumber: number;
  /** LAST-PART: zero-based index of its newest part; null where that segment has none. */
  readonly lastPart: number | null;
};

/** The tags in front of the first segment. */
export type MediaPlaylistHead = {
  /** EXT-X-VERSION (§4.4.1.2, §8). */
  readonly version: number;
  /** EXT-X-TARGETDURATION (§4.4.3.1), whole seconds: no EXTINF, rounded, is larger. */
  readonly targetDurationS: number;
  /** EXT-X-PLAYLIST-TYPE (§4.4.3.5): EVENT only grows, VOD does not change; null for a window that moves on. */
  readonly playlistType: 'EVENT' | 'VOD' | null;
  readonly start: PlaylistStart | null;
  readonly serverControl: ServerControl | null;
  /** EXT-X-PART-INF (§4.4.3.7); null in a playlist without parts. */
  readonly partInf: { readonly partTargetS: number } | null;
  /** EXT-X-INDEPENDENT-SEGMENTS (§4.4.2.1): decoding can start with any segment. */
  readonly independentSegments: boolean;
  /** EXT-X-MEDIA-SEQUENCE (§4.4.3.2): number of the first segment, skipped ones among them. */
  readonly mediaSequence: number;
  /** EXT-X-DISCONTINUITY-SEQUENCE (§4.4.3.3): discontinuities that have left the playlist. */
  readonly discontinuitySequence: number | null;
  readonly dateRanges: readonly DateRange[];
  /** EXT-X-SKIP (§4.4.5.2): how many of the oldest segments a delta update leaves out; null in a full playlist. */
  readonly skip: { readonly skippedSegments: number } | null;
};

/** The tags behind the last segment. */
export type MediaPlaylistFoot = {
  readonly preloadHint: PreloadHint | null;
  readonly renditionReports: readonly RenditionReport[];
  /** EXT-X-ENDLIST (§4.4.3.4): no segment will be added. */
  readonly hasEnd: boolean;
};

/** A media playlist (§4.4.3). */
export type MediaPlaylist = MediaPlaylistHead &
  MediaPlaylistFoot & {
    /** Those that follow the skipped ones, oldest first; where there may be a day of them, made while they are written. */
    readonly segments: Iterable<MediaSegment>;
  };

/** The head before any tag has been read. */
export const NO_HEAD: MediaPlaylistHead = {
  version: 1,
  targetDurationS: 0,
  playlistType: null,
  start: null,
  serverControl: null,
  partInf: null,
  independentSegments: false,
  mediaSequence: 0,
  discontinuitySequence: null,
  dateRanges: [],
  skip: null,
};

/** The foot before any tag has been read. */
export const NO_FOOT: MediaPlaylistFoot = { preloadHint: null, renditionReports: [], hasEnd: false };

const serverControl = writtenOnce(
  attributeList<ServerControl>(
    { canBlockReload: false, canSkipUntilS: null, holdBackS: null, partHoldBackS: null },
    {
      canBlockReload: yes('CAN-BLOCK-RELOAD'),
      canSkipUntilS: optional('CAN-SKIP-UNTIL', seconds),
      holdBackS: optional('HOLD-BACK', seconds),
      partHoldBackS: optional('PART-HOLD-BACK', seconds),
    },
  ),
);

const preloadHint = attributeList<PreloadHint>(
  { type: 'PART', uri: '' },
  { type: required('TYPE', oneOf('PART', 'MAP')), uri: required('URI', quotedString) },
);

const renditionReport = writtenOnce(
  attributeList<RenditionReport>(
    { uri: '', lastNumber: 0, lastPart: null },
    {
      uri: required('URI', quotedString),
      lastNumber: required('LAST-MSN', decimalInteger),
      lastPart: optional('LAST-PART', decimalInteger),
    },
  ),
);

/** The tags of the head: what writes them, and what reads them. */
export const HEAD_TAGS: FieldTable<MediaPlaylistHead> = {
  version: required('EXT-X-VERSION', decimalInteger),
  targetDurationS: required('EXT-X-TARGETDURATION', decimalInteger),
  playlistType: optional('EXT-X-PLAYLIST-TYPE', oneOf('EVENT', 'VOD')),
  start: optional(
    'EXT-X-START',
    attributeList<PlaylistStart>(
      { timeOffsetS: 0, precise: false },
      { timeOffsetS: required('TIME-OFFSET', seconds), precise: required('PRECISE', yesOrNo) },
    ),
  ),
  serverControl: optional('EXT-X-SERVER-CONTROL', serverControl),
  partInf: optional(
    'EXT-X-PART-INF',
    attributeList({ partTargetS: 0 }, { partTargetS: required('PART-TARGET', seconds) }),
  ),
  independentSegments: flag('EXT-X-INDEPENDENT-SEGMENTS'),
  mediaSequence: required('EXT-X-MEDIA-SEQUENCE', decimalInteger),
  discontinuitySequence: optional('EXT-X-DISCONTINUITY-SEQUENCE', decimalInteger),
  dateRanges: repeated('EXT-X-DATERANGE', dateRange),
  skip: optional(
    'EXT-X-SKIP',
    attributeList({ skippedSegments: 0 }, { skippedSegments: required('SKIPPED-SEGMENTS', decimalInteger) }),
  ),
};

/** The tags of the foot: what writes them, and what reads them. */
export const FOOT_TAGS: FieldTable<MediaPlaylistFoot> = {
  preloadHint: optional('EXT-X-PRELOAD-HINT', preloadHint),
  renditionReports: repeated('EXT-X-RENDITION-REPORT', renditionReport),
  hasEnd: flag('EXT-X-ENDLIST'),
};
