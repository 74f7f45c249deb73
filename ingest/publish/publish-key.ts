import { createHash, timingSafeEqual } from 'node:crypto';
import type { PublishRequest } from '../rtmp/rtmp-commands.ts';

/** The readings of what an encoder asks to publish. Contains the key as it was sent: never log it. */
export type PublishName = {
  /** First segment of the path, in lower case: `live`. */
  readonly app: string;
  /** What may be meant as the channel, the most probable first. */
  readonly channels: readonly string[];
  /** What may be meant as the key. Empty without a key. */
  readonly keys: readonly string[];
};

/** Prefixes that Flash's encoders put in front of a stream name to say what file it would be. */
const FILE_PREFIX = /^(?:flv|mp4|f4v|mp3|raw):/i;

/**
 * Reads what an encoder asks to publish: `hall-7?key=secret` on the app `live`.
 *
 * Encoders cut one URL into app and stream name in different places, and teachers type it in different ways. So the key may stand
 * behind the app or be cut at a slash, slashes may be doubled or stand at either end, an instance may stand between app and
 * channel, and all of it may be percent-encoded.
 *
 * @param request untrusted
 */
export function parsePublishName({ app, streamName, tcUrl }: PublishRequest): PublishName {
  const paths: string[] = [];
  const queries: string[] = [];
  for (const [where, name] of readings(app, withoutOrigin(streamName))) {
    // One URL that was cut anywhere, and a query of the app's own.
    const whole = cutAtQuery(`${where}/${name}`);
    const [appPart, namePart] = [cutAtQuery(where), cutAtQuery(name)];
    paths.push(whole.path, `${appPart.path}/${namePart.path}`);
    queries.push(whole.query, namePart.query, appPart.query);
  }
  queries.push(cutAtQuery(tcUrl).query);
  const segments = paths.map(segmentsOf);
  const channels = segments.filter((list) => list.length > 1).map((list) => channelOf(list.at(-1) ?? ''));
  const keys = queries.flatMap(keysOf);
  const first = segments[0]?.[0]?.trim().toLowerCase() ?? '';
  return { app: first, channels: [...new Set(channels)], keys: [...new Set(keys)] };
}

/**
 * Compares keys in constant time: it reveals neither where they differ nor their length.
 *
 * @param given keys from outside; any of them may match
 * @param want the channel's key
 */
export function keyMatches(given: readonly string[], want: string): boolean {
  const wantHash = sha256(want);
  let matches = false;
  for (const key of given) matches = timingSafeEqual(sha256(key), wantHash) || matches;
  return matches;
}

/** App and stream name as they were sent, and without percent-encoding where that changes them. */
function readings(app: string, streamName: string): readonly (readonly [string, string])[] {
  const decoded = [unescapePercent(app), unescapePercent(streamName)] as const;
  return decoded[0] === app && decoded[1] === streamName ? [[app, streamName]] : [[app, streamName], decoded];
}

/** Some encoders send the whole URL for the stream name. */
function withoutOrigin(streamName: string): string {
  return streamName.trim().replace(/^rtmp[a-z]*:\/\/[^/]*\//i, '');
}

function cutAtQuery(text: string): { readonly path: string; readonly query: string } {
  const at = text.indexOf('?');
  return at < 0 ? { path: text, query: '' } : { path: text.slice(0, at), query: text.slice(at + 1) };
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment.trim() !== '');
}

/** Ids of channels have no capitals; a keyboard that begins a line with one must not matter. */
function channelOf(segment: string): string {
  return segment.trim().replace(FILE_PREFIX, '').toLowerCase();
}

/** A key is pasted as it is and may hold `&`, or is percent-encoded with other parameters behind it; slashes may follow. */
function keysOf(query: string): readonly string[] {
  const [, rest] = /(?:^|[&?])key=(.*)$/is.exec(query) ?? [];
  if (rest === undefined) return [];
  const [first = ''] = rest.split('&', 1);
  const asSent = [rest, first].flatMap((text) => [text, text.trim(), text.trim().replace(/\/+$/, '')]);
  return asSent.flatMap((text) => [text, unescapePercent(text), unescapePercent(text.replaceAll('+', ' '))]);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

function unescapePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
