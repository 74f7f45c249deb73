import { checkRequired, rowsOf } from './field-table.ts';
import { FOOT_TAGS, HEAD_TAGS, type MediaPlaylist, NO_FOOT, NO_HEAD } from './media-playlist.ts';
import { type MediaSegment, type MediaSegmentTags, NO_SEGMENT_TAGS, SEGMENT_TAGS } from './media-segment.ts';
import { badPlaylist } from './playlist-error.ts';
import { playlistLines, writeTags } from './playlist-text.ts';

/** A media playlist as read. */
export type ParsedMediaPlaylist = MediaPlaylist & { readonly segments: readonly MediaSegment[] };

const headRows = rowsOf(HEAD_TAGS);
const segmentRows = rowsOf<MediaSegmentTags>(SEGMENT_TAGS);
const footRows = rowsOf(FOOT_TAGS);

/** Segments that are written at a time. */
const PIECE_SEGMENTS = 1000;

/** The text of whole segments: a live playlist lists each of them several times a second, and none of them changes. */
const wholeSegmentTexts = new WeakMap<MediaSegment, string>();

/** The whole segments of the playlist written last that began with this one, and their text. */
type Block = { readonly segments: readonly MediaSegment[]; readonly text: string };
const blocks = new WeakMap<MediaSegment, Block>();

/** Writes a media playlist. */
export function renderMediaPlaylist(playlist: MediaPlaylist): string {
  const segments = [...playlist.segments];
  const whole = segments.at(-1)?.uri === null ? segments.slice(0, -1) : segments;
  const growing = segments.at(whole.length);
  return (
    `#EXTM3U\n${writeTags(headRows, playlist)}${blockText(whole)}` +
    `${growing === undefined ? '' : segmentText(growing)}${writeTags(footRows, playlist)}`
  );
}

/** Between two parts of a segment, the segments in front of it stay the same: seven playlists of eight. */
function blockText(segments: readonly MediaSegment[]): string {
  const [first] = segments;
  if (first === undefined) return '';
  const block = blocks.get(first);
  if (block !== undefined && isSame(block.segments, segments)) return block.text;
  const text = segments.map(segmentText).join('');
  blocks.set(first, { segments, text });
  return text;
}

function isSame(a: readonly MediaSegment[], b: readonly MediaSegment[]): boolean {
  return a.length === b.length && a.every((segment, index) => segment === b[index]);
}

/** Writes a media playlist in pieces of some milliseconds' work: it may list hours, or a day. */
export function* renderMediaPlaylistInPieces(playlist: MediaPlaylist): Generator<string> {
  let text = `#EXTM3U\n${writeTags(headRows, playlist)}`;
  let count = 0;
  for (const segment of playlist.segments) {
    if (count > 0 && count % PIECE_SEGMENTS === 0) {
      yield text;
      text = '';
    }
    text += segmentText(segment);
    count += 1;
  }
  yield text + writeTags(footRows, playlist);
}

function segmentText(segment: MediaSegment): string {
  const { uri } = segment;
  if (uri === null) return writeTags(segmentRows, segment);
  let text = wholeSegmentTexts.get(segment);
  if (text === undefined) {
    // Joined, not added: V8 makes a tree of added strings, which every playlist would walk again.
    text = [writeTags(segmentRows, segment), uri, '\n'].join('');
    wholeSegmentTexts.set(segment, text);
  }
  return text;
}

/**
 * Reads a media playlist. Tags that are not in the tables are ignored: "Clients MUST ignore … unrecognized tags"
 * (§6.3.1).
 *
 * @throws {PlaylistError} `bad-playlist`
 */
export function parseMediaPlaylist(text: string): ParsedMediaPlaylist {
  let head = NO_HEAD;
  let foot = NO_FOOT;
  let tags = NO_SEGMENT_TAGS;
  const segments: MediaSegment[] = [];
  const read = new Set<string>();
  for (const line of playlistLines(text)) {
    if (line.kind === 'uri') {
      if (tags.durationS === null) throw badPlaylist('EXTINF', `none in front of ${line.uri.slice(0, 80)}`);
      segments.push({ ...tags, uri: line.uri });
      tags = NO_SEGMENT_TAGS;
      continue;
    }
    const { name, value } = line;
    read.add(name);
    head = headRows.find((row) => row.name === name)?.read(head, value) ?? head;
    tags = segmentRows.find((row) => row.name === name)?.read(tags, value) ?? tags;
    foot = footRows.find((row) => row.name === name)?.read(foot, value) ?? foot;
  }
  if (tags.durationS !== null) throw badPlaylist('EXTINF', 'no URI follows the last one');
  if (tags !== NO_SEGMENT_TAGS) segments.push({ ...tags, uri: null });
  checkRequired(headRows, read, 'media playlist');
  return { ...head, ...foot, segments };
}
