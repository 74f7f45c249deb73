import { readAttributes } from '../../test/conformance/playlist-reader.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { fetchText } from './fetching.ts';

/** Addresses of a stream's media playlists. */
export type Renditions = {
  /** The best picture. */
  readonly video: string;
  /** The picture with the least bit rate; the best one where there is one alone. */
  readonly lowest: string;
  /** null where sound stands in the same segments, or is not there. */
  readonly audio: string | null;
};

/**
 * Reads a multivariant playlist (RFC 8216bis §4.4.6). Pure.
 *
 * @param url where it was read, for the relative addresses in it
 * @throws {Error} where it lists no variant
 */
export function readRenditions(text: string, url: string): Renditions {
  const lines = text.split(/\r?\n/);
  const variants = lines.flatMap((line, at) => {
    if (!line.startsWith('#EXT-X-STREAM-INF:')) return [];
    const uri = lines.slice(at + 1).find((next) => next !== '' && !next.startsWith('#')) ?? '';
    const attributes = readAttributes(line.slice(line.indexOf(':') + 1));
    return [
      {
        uri,
        bandwidth: Number(attributes['BANDWIDTH'] ?? 0),
        hasPicture: attributes['RESOLUTION'] !== undefined,
      },
    ];
  });
  const sorted = variants.toSorted(
    (a, b) => Number(b.hasPicture) - Number(a.hasPicture) || b.bandwidth - a.bandwidth,
  );
  const [best] = sorted;
  const lowest = sorted.findLast(({ hasPicture }) => hasPicture) ?? best;
  if (best === undefined || lowest === undefined) throw new Error(`${url}: no variant`);
  const media = lines
    .filter((line) => line.startsWith('#EXT-X-MEDIA:'))
    .map((line) => readAttributes(line.slice(line.indexOf(':') + 1)));
  const sound = media.find(({ TYPE, URI }) => TYPE === 'AUDIO' && URI !== undefined)?.['URI'];
  const absolute = (uri: string): string => new URL(uri, url).href;
  return {
    video: absolute(best.uri),
    lowest: absolute(lowest.uri),
    audio: sound === undefined ? null : absolute(sound),
  };
}

/** Fetches a multivariant playlist and reads it, once it lists a picture. */
export async function fetchRenditions(url: string): Promise<Renditions> {
  const text = await waitFor(
    `${url} lists a picture`,
    async () => {
      const playlist = await fetchText(url);
      return playlist.includes('RESOLUTION=') ? playlist : null;
    },
    30_000,
  );
  return readRenditions(text, url);
}
