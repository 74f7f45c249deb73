import { isChannelId, isTrackId } from '../../../shared/names.ts';

/** Media of one rendition, by its immutable name. */
export type MediaName =
  | { readonly kind: 'init'; readonly channel: string; readonly rendition: string; readonly hash: string }
  | {
      readonly kind: 'segment';
      readonly channel: string;
      readonly rendition: string;
      readonly number: number;
    }
  | {
      readonly kind: 'part';
      readonly channel: string;
      readonly rendition: string;
      readonly number: number;
      readonly part: number;
    };

/** A playlist or manifest. */
export type TextName =
  | { readonly kind: 'multivariant' | 'mpd'; readonly channel: string }
  | { readonly kind: 'playlist'; readonly channel: string; readonly rendition: string };

/** What a playback path names. */
export type MediaTarget = TextName | MediaName;

/** Tells playlists and manifests from media. */
export function isText(target: MediaTarget): target is TextName {
  return target.kind === 'multivariant' || target.kind === 'mpd' || target.kind === 'playlist';
}

const INIT = /^init-([0-9a-f]{12})\.mp4$/;
/** Leading zeros are refused: one segment has one name. */
const MEDIA = /^(0|[1-9]\d{0,14})(?:\.(0|[1-9]\d{0,3}))?\.m4s$/;

/** Parsed paths that are cached; clients request the same few hundred at a time. */
const PARSED_PATHS_MAX = 8192;
/** Longer than any valid path. */
const MAX_PATH_LENGTH = 256;
const parsedPaths = new Map<string, MediaTarget>();

/**
 * Parses a playback path: `/live/{channel}/…` and `/media/{channel}/{rendition}/…`.
 *
 * @param path without query; not decoded: no valid name needs an escape
 * @returns null for any other path
 */
export function parseMediaPath(path: string): MediaTarget | null {
  if (path.length > MAX_PATH_LENGTH) return null;
  const known = parsedPaths.get(path);
  if (known !== undefined) return known;
  const target = readPath(path);
  // Cleared when it is full, which is cheaper than an LRU cache: it stays bounded, and what is requested often is soon back.
  if (parsedPaths.size >= PARSED_PATHS_MAX) parsedPaths.clear();
  // A copy: a slice would keep the whole URL with its query in memory.
  if (target !== null) parsedPaths.set(Buffer.from(path, 'latin1').toString('latin1'), target);
  return target;
}

function readPath(path: string): MediaTarget | null {
  const [, root, channel = '', third = '', file, ...rest] = path.split('/');
  if (rest.length > 0 || !isChannelId(channel) || third === '') return null;
  if (root === 'live' && file === undefined) {
    if (third === 'index.m3u8') return { kind: 'multivariant', channel };
    if (third === 'manifest.mpd') return { kind: 'mpd', channel };
    return third.endsWith('.m3u8') ? { kind: 'playlist', channel, rendition: third.slice(0, -5) } : null;
  }
  if (root !== 'media' || file === undefined || !isTrackId(third)) return null;
  const media = MEDIA.exec(file);
  if (media !== null) {
    const number = Number(media[1]);
    if (media[2] === undefined) return { kind: 'segment', channel, rendition: third, number };
    return { kind: 'part', channel, rendition: third, number, part: Number(media[2]) };
  }
  const hash = INIT.exec(file)?.[1];
  return hash === undefined ? null : { kind: 'init', channel, rendition: third, hash };
}
