import { setTimeout as after } from 'node:timers/promises';
import { readPlaylist } from '../../test/conformance/playlist-reader.ts';
import { fetchBytes, fetchText } from './fetching.ts';

/** Some whole segments of a rendition. */
export type Recording = {
  /** Init segment and segments, as one file. */
  readonly bytes: Buffer;
  readonly firstNumber: number;
  readonly segments: number;
};

/**
 * Fetches whole segments as they are listed, from the next one on.
 *
 * @param url media playlist
 * @param seconds how much to take at least
 */
export async function recordRendition(url: string, seconds: number): Promise<Recording> {
  const pieces: Buffer[] = [];
  let last: number | null = null;
  let firstNumber = -1;
  let gotS = 0;
  while (gotS < seconds) {
    const playlist = readPlaylist(await fetchText(url));
    const whole = playlist.segments.filter(({ uri, gap }) => uri !== null && !gap);
    last ??= whole.at(-1)?.number ?? null;
    for (const segment of whole) {
      if (last === null || segment.number <= last || segment.uri === null) continue;
      if (pieces.length === 0) {
        firstNumber = segment.number;
        pieces.push(await fetchBytes(new URL(segment.map ?? '', url).href));
      }
      pieces.push(await fetchBytes(new URL(segment.uri, url).href));
      gotS += segment.durationS;
      last = segment.number;
    }
    if (gotS < seconds) await after(300);
  }
  return { bytes: Buffer.concat(pieces), firstNumber, segments: pieces.length - 1 };
}
