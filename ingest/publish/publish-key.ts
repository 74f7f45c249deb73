import { createHash, timingSafeEqual } from 'node:crypto';

/** Channel and key of a stream name. Contains the key as it was sent: never log it. */
export type PublishName = {
  readonly channel: string;
  /** The readings of the key: as sent, up to the next `&`, and with percent escapes decoded. Empty without a key. */
  readonly keys: readonly string[];
};

/**
 * Reads an RTMP stream name: `hall-7?key=secret`.
 *
 * @param streamName untrusted, any length
 */
export function parsePublishName(streamName: string): PublishName {
  const at = streamName.indexOf('?');
  if (at < 0) return { channel: streamName, keys: [] };
  const channel = streamName.slice(0, at);
  const [, rest] = /(?:^|&)key=(.*)$/s.exec(streamName.slice(at + 1)) ?? [];
  if (rest === undefined) return { channel, keys: [] };
  // In OBS a key is pasted as it is and may contain `&`; in a URL it is percent-encoded and other parameters may follow.
  const [raw = ''] = rest.split('&', 1);
  return { channel, keys: [rest, raw, unescapePercent(raw)] };
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
