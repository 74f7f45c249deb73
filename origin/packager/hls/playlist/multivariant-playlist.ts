import { attributeList } from './attribute-list.ts';
import { checkRequired, type FieldTable, flag, optional, repeated, required, rowsOf } from './field-table.ts';
import { badPlaylist } from './playlist-error.ts';
import { playlistLines, writeTags } from './playlist-text.ts';
import {
  decimalInteger,
  frameRate,
  oneOf,
  quotedString,
  type Resolution,
  resolution,
  type ValueType,
  yesOrNo,
} from './value-types.ts';

/** EXT-X-MEDIA (RFC 8216bis §4.4.6.1): a rendition that goes with variants: the sound, or captions in the pictures. */
export type AlternativeRendition = {
  readonly type: 'AUDIO' | 'CLOSED-CAPTIONS';
  readonly groupId: string;
  /** BCP 47; null where it is not known. */
  readonly language: string | null;
  /** "All EXT-X-MEDIA tags in the same Group MUST have different NAME attributes" (§4.4.6.1.1). */
  readonly name: string;
  /** DEFAULT: played where the user chose nothing. */
  readonly isDefault: boolean;
  /** AUTOSELECT: it may be chosen by the system's language. */
  readonly autoselect: boolean;
  /** CHANNELS: how many channels of sound there are; null for captions. */
  readonly channels: string | null;
  /** INSTREAM-ID: the service in the pictures, `CC1` or `SERVICE1`; "REQUIRED if the TYPE attribute is CLOSED-CAPTIONS". */
  readonly instreamId: string | null;
  /** "MUST NOT be present" for captions, which are in the pictures. */
  readonly uri: string | null;
};

/** EXT-X-STREAM-INF (§4.4.6.2). */
export type VariantTags = {
  /** BANDWIDTH: "the peak segment bit rate" of all that is played together, bits a second. */
  readonly bandwidthBps: number;
  /** AVERAGE-BANDWIDTH, bits a second; null while nothing is measured. */
  readonly averageBandwidthBps: number | null;
  /** CODECS: all formats that are in it, RFC 6381. */
  readonly codecs: string;
  readonly resolution: Resolution | null;
  /** FRAME-RATE, frames a second. */
  readonly frameRate: number | null;
  /** AUDIO: group of {@link AlternativeRendition} that it plays with; null where there is no sound. */
  readonly audioGroupId: string | null;
  /**
   * CLOSED-CAPTIONS: group of {@link AlternativeRendition}, or an empty text for NONE, which "indicates that there are no closed
   * captions in any Variant Stream"; null where it says nothing.
   */
  readonly closedCaptionsGroupId: string | null;
};

/** A variant stream: what a player switches between. */
export type Variant = VariantTags & {
  /** Of its media playlist. */
  readonly uri: string;
};

/** The tags in front of the first variant. */
export type MultivariantHead = {
  /** EXT-X-VERSION (§4.4.1.2, §8). */
  readonly version: number;
  /** EXT-X-INDEPENDENT-SEGMENTS (§4.4.2.1): it "applies to every Media Segment in every Media Playlist". */
  readonly independentSegments: boolean;
  readonly renditions: readonly AlternativeRendition[];
};

/** A multivariant playlist (§4.4.6). */
export type MultivariantPlaylist = MultivariantHead & {
  /** The one that players begin with first. */
  readonly variants: readonly Variant[];
};

const NO_HEAD: MultivariantHead = { version: 1, independentSegments: false, renditions: [] };
const NO_VARIANT: VariantTags = {
  bandwidthBps: 0,
  averageBandwidthBps: null,
  codecs: '',
  resolution: null,
  frameRate: null,
  audioGroupId: null,
  closedCaptionsGroupId: null,
};

/** "The value can be either a quoted-string or an enumerated-string with the value NONE" (§4.4.6.2). */
const groupOrNone: ValueType<string> = {
  write: (groupId) => (groupId === '' ? 'NONE' : quotedString.write(groupId)),
  read: (text, place) => (text === 'NONE' ? '' : quotedString.read(text, place)),
};

const rendition = attributeList<AlternativeRendition>(
  {
    type: 'AUDIO',
    groupId: '',
    language: null,
    name: '',
    isDefault: false,
    autoselect: false,
    channels: null,
    instreamId: null,
    uri: null,
  },
  {
    type: required('TYPE', oneOf('AUDIO', 'CLOSED-CAPTIONS')),
    groupId: required('GROUP-ID', quotedString),
    language: optional('LANGUAGE', quotedString),
    name: required('NAME', quotedString),
    isDefault: required('DEFAULT', yesOrNo),
    autoselect: required('AUTOSELECT', yesOrNo),
    channels: optional('CHANNELS', quotedString),
    instreamId: optional('INSTREAM-ID', quotedString),
    uri: optional('URI', quotedString),
  },
);

const variant = attributeList<VariantTags>(NO_VARIANT, {
  bandwidthBps: required('BANDWIDTH', decimalInteger),
  averageBandwidthBps: optional('AVERAGE-BANDWIDTH', decimalInteger),
  codecs: required('CODECS', quotedString),
  resolution: optional('RESOLUTION', resolution),
  frameRate: optional('FRAME-RATE', frameRate),
  audioGroupId: optional('AUDIO', quotedString),
  closedCaptionsGroupId: optional('CLOSED-CAPTIONS', groupOrNone),
});

const HEAD_TAGS: FieldTable<MultivariantHead> = {
  version: required('EXT-X-VERSION', decimalInteger),
  independentSegments: flag('EXT-X-INDEPENDENT-SEGMENTS'),
  renditions: repeated('EXT-X-MEDIA', rendition),
};
const VARIANT_TAG = 'EXT-X-STREAM-INF';
const headRows = rowsOf(HEAD_TAGS);

/** Writes a multivariant playlist. */
export function renderMultivariantPlaylist(playlist: MultivariantPlaylist): string {
  let text = `#EXTM3U\n${writeTags(headRows, playlist)}`;
  for (const stream of playlist.variants) text += `#${VARIANT_TAG}:${variant.write(stream)}\n${stream.uri}\n`;
  return text;
}

/**
 * Reads a multivariant playlist. Tags that are not in the tables are ignored.
 *
 * @throws {PlaylistError} `bad-playlist`
 */
export function parseMultivariantPlaylist(text: string): MultivariantPlaylist {
  let head = NO_HEAD;
  let tags: VariantTags | null = null;
  const variants: Variant[] = [];
  const read = new Set<string>();
  for (const line of playlistLines(text)) {
    if (line.kind === 'tag') {
      const { name, value } = line;
      read.add(name);
      if (name === VARIANT_TAG) tags = variant.read(value, name);
      head = headRows.find((row) => row.name === name)?.read(head, value) ?? head;
      continue;
    }
    // "The URI line … MUST follow" its EXT-X-STREAM-INF tag (§4.4.6.2).
    if (tags === null) throw badPlaylist(VARIANT_TAG, `none in front of ${line.uri.slice(0, 80)}`);
    variants.push({ ...tags, uri: line.uri });
    tags = null;
  }
  if (tags !== null) throw badPlaylist(VARIANT_TAG, 'no URI follows the last one');
  checkRequired(headRows, read, 'multivariant playlist');
  return { ...head, variants };
}
