/** Attributes of a tag; quoted-strings without their quotes. */
export type Attributes = Readonly<Record<string, string>>;

/** EXT-X-PART as read. */
export type ReadPart = {
  readonly uri: string;
  readonly durationS: number;
  readonly independent: boolean;
  readonly gap: boolean;
};

/** A segment as read; the last one of a playlist may have parts only. */
export type ReadSegment = {
  readonly number: number;
  /** null while only parts of it are there. */
  readonly uri: string | null;
  /** EXTINF in seconds; the sum of the parts while it grows. */
  readonly durationS: number;
  /** EXT-X-PROGRAM-DATE-TIME, UTC milliseconds; null for none. */
  readonly dateMs: number | null;
  /** URI of the EXT-X-MAP in force; null where a delta update has skipped it. */
  readonly map: string | null;
  /** EXT-X-MAP stands right at this segment. */
  readonly ownMap: boolean;
  readonly discontinuity: boolean;
  readonly gap: boolean;
  readonly parts: readonly ReadPart[];
  /** MAP, KEY, PDT or DISCONTINUITY that came after a part of the segment they apply to. */
  readonly lateTags: readonly string[];
};

/** A media playlist as read, by a reader of its own: it shares no code with what wrote it. */
export type ReadPlaylist = {
  readonly lines: readonly string[];
  /** Values of the tags that stand once and before the segments, by name: `TARGETDURATION`. */
  readonly single: Readonly<Record<string, string>>;
  /** Names of those that stood more than once. */
  readonly repeated: readonly string[];
  readonly firstNumber: number;
  readonly discontinuitySequence: number;
  /** EXT-X-SKIP; 0 in a full playlist. */
  readonly skipped: number;
  /** Those that follow the skipped ones. */
  readonly segments: readonly ReadSegment[];
  readonly dateRanges: readonly Attributes[];
  readonly hints: readonly Attributes[];
  readonly reports: readonly Attributes[];
  readonly ended: boolean;
};

const SINGLE: ReadonlySet<string> = new Set([
  'VERSION',
  'TARGETDURATION',
  'MEDIA-SEQUENCE',
  'DISCONTINUITY-SEQUENCE',
  'SERVER-CONTROL',
  'PART-INF',
  'INDEPENDENT-SEGMENTS',
  'PLAYLIST-TYPE',
  'SKIP',
]);

/** Tells whether a text is a media playlist (and not a multivariant one). */
export function isMediaPlaylist(text: string): boolean {
  return text.includes('#EXT-X-TARGETDURATION:');
}

/**
 * Reads a media playlist (RFC 8216bis §4). It forgives what a rule is to complain of.
 */
export function readPlaylist(text: string): ReadPlaylist {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  const single: Record<string, string> = {};
  const repeated: string[] = [];
  const segments: ReadSegment[] = [];
  const lists = {
    DATERANGE: [] as Attributes[],
    'PRELOAD-HINT': [] as Attributes[],
    'RENDITION-REPORT': [] as Attributes[],
  };
  let map: string | null = null;
  let next = emptySegment();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const tag = name.replace(/^#EXT-?X?-?/, '');
    const value = colon < 0 ? '' : line.slice(colon + 1);
    if (name.startsWith('#EXT-X-') && SINGLE.has(tag)) {
      if (tag in single) repeated.push(tag);
      single[tag] = value;
    } else if (!line.startsWith('#')) {
      segments.push(finish(next, line, map, numberOf(single, segments.length)));
      next = emptySegment();
    } else if (tag === 'PART') {
      next.parts.push(readPart(value));
    } else if (tag === 'INF') {
      next.extinf = Number.parseFloat(value);
    } else if (tag === 'GAP') {
      next.gap = true;
    } else if (tag === 'DATERANGE' || tag === 'PRELOAD-HINT' || tag === 'RENDITION-REPORT') {
      lists[tag].push(readAttributes(value));
    } else if (tag === 'DISCONTINUITY' || tag === 'MAP' || tag === 'KEY' || tag === 'PROGRAM-DATE-TIME') {
      if (next.parts.length > 0) next.lateTags.push(tag);
      if (tag === 'DISCONTINUITY') next.discontinuity = true;
      if (tag === 'PROGRAM-DATE-TIME') next.dateMs = Date.parse(value);
      if (tag === 'MAP') {
        map = readAttributes(value)['URI'] ?? '';
        next.ownMap = true;
      }
    }
  }
  if (next.parts.length > 0) segments.push(finish(next, null, map, numberOf(single, segments.length)));
  return {
    lines,
    single,
    repeated,
    firstNumber: Number(single['MEDIA-SEQUENCE'] ?? 0),
    discontinuitySequence: Number(single['DISCONTINUITY-SEQUENCE'] ?? 0),
    skipped: skippedOf(single),
    segments,
    dateRanges: lists.DATERANGE,
    hints: lists['PRELOAD-HINT'],
    reports: lists['RENDITION-REPORT'],
    ended: lines.includes('#EXT-X-ENDLIST'),
  };
}

/** Reads an attribute list (RFC 8216bis §4.2). */
export function readAttributes(text: string): Attributes {
  const attributes: Record<string, string> = {};
  for (const [, name = '', quoted, plain] of text.matchAll(/([A-Z0-9-]+)=(?:"([^"]*)"|([^",]*))(?:,|$)/g)) {
    attributes[name] = quoted ?? plain ?? '';
  }
  return attributes;
}

type Draft = {
  extinf: number | null;
  dateMs: number | null;
  ownMap: boolean;
  discontinuity: boolean;
  gap: boolean;
  readonly parts: ReadPart[];
  readonly lateTags: string[];
};

function emptySegment(): Draft {
  return {
    extinf: null,
    dateMs: null,
    ownMap: false,
    discontinuity: false,
    gap: false,
    parts: [],
    lateTags: [],
  };
}

function finish(draft: Draft, uri: string | null, map: string | null, number: number): ReadSegment {
  const { extinf, ...rest } = draft;
  const ofParts = draft.parts.reduce((sum, part) => sum + part.durationS, 0);
  return { ...rest, number, uri, map, durationS: uri === null ? ofParts : (extinf ?? Number.NaN) };
}

/** A part's line stands in dozens of playlists of a history. */
const partsByLine = new Map<string, ReadPart>();

function readPart(value: string): ReadPart {
  const known = partsByLine.get(value);
  if (known !== undefined) return known;
  const attributes = readAttributes(value);
  const part = {
    uri: attributes['URI'] ?? '',
    durationS: Number(attributes['DURATION'] ?? Number.NaN),
    independent: attributes['INDEPENDENT'] === 'YES',
    gap: attributes['GAP'] === 'YES',
  };
  if (partsByLine.size > 100_000) partsByLine.clear();
  partsByLine.set(value, part);
  return part;
}

function skippedOf(single: Readonly<Record<string, string>>): number {
  return Number(readAttributes(single['SKIP'] ?? '')['SKIPPED-SEGMENTS'] ?? 0);
}

function numberOf(single: Readonly<Record<string, string>>, index: number): number {
  return Number(single['MEDIA-SEQUENCE'] ?? 0) + skippedOf(single) + index;
}
