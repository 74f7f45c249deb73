import { createHash, timingSafeEqual } from 'node:crypto';

/** What a stream name asks for. Holds the key as it was sent: never log it. */
export type PublishName = {
  readonly channel: string;
  /** As it stands in the URL, and with percent escapes resolved where there are any; empty without a key. */
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
  // Teachers paste keys into OBS as they are, an & within them too; URLs carry them escaped, and more behind them.
  const [raw = ''] = rest.split('&', 1);
  return { channel, keys: [rest, raw, unescapePercent(raw)] };
}

/**
 * Compares keys in a time that tells nothing of where they differ, nor of their length.
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
