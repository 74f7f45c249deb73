import { type Attributes, readAttributes } from './playlist-reader.ts';
import type { Finding } from './playlist-rules.ts';

/** A multivariant playlist as read. */
export type ReadMultivariant = {
  readonly media: readonly Attributes[];
  readonly variants: readonly (Attributes & { readonly uri: string })[];
  /** URIs of all media playlists, each once. */
  readonly uris: readonly string[];
};

/** Reads a multivariant playlist (RFC 8216bis §4.4.6); null for a text that is none. */
export function readMultivariant(text: string): ReadMultivariant | null {
  if (!text.startsWith('#EXTM3U') || !text.includes('#EXT-X-STREAM-INF:')) return null;
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  const media: Attributes[] = [];
  const variants: (Attributes & { uri: string })[] = [];
  lines.forEach((line, index) => {
    if (line.startsWith('#EXT-X-MEDIA:')) media.push(readAttributes(line.slice('#EXT-X-MEDIA:'.length)));
    if (line.startsWith('#EXT-X-STREAM-INF:')) {
      variants.push({
        ...readAttributes(line.slice('#EXT-X-STREAM-INF:'.length)),
        uri: lines[index + 1] ?? '',
      });
    }
  });
  const uris = [
    ...variants.map(({ uri }) => uri),
    ...media.flatMap(({ URI }) => (URI === undefined ? [] : [URI])),
  ];
  return { media, variants, uris: [...new Set(uris)] };
}

/**
 * Checks a multivariant playlist.
 *
 * @see RFC 8216bis §4.4.6; HLS Authoring Specification 9.x
 */
export function checkMultivariant({ media, variants }: ReadMultivariant): Finding[] {
  const found: Finding[] = [];
  const fault = (section: string, rule: string, detail: string): number =>
    found.push({ section, rule, detail });
  for (const variant of variants) {
    const { uri } = variant;
    const need = (name: string, pattern: RegExp, section: string): void => {
      const value = variant[name] ?? '';
      if (!pattern.test(value))
        fault(section, `EXT-X-STREAM-INF has ${name}`, `${uri}: ${JSON.stringify(value)}`);
    };
    need('BANDWIDTH', /^[1-9]\d*$/, 'RFC 8216bis §4.4.6.2');
    need('AVERAGE-BANDWIDTH', /^[1-9]\d*$/, 'HLS Authoring Specification 9.x');
    need('CODECS', /./, 'HLS Authoring Specification 9.x');
    const hasPicture = /\b(avc|hvc|hev|av01|vp)/.test(variant['CODECS'] ?? '');
    if (hasPicture) {
      need('RESOLUTION', /^\d+x\d+$/, 'HLS Authoring Specification 9.x');
      need('FRAME-RATE', /^\d+(\.\d{1,3})?$/, 'HLS Authoring Specification 9.x');
    }
    if (Number(variant['AVERAGE-BANDWIDTH'] ?? 0) > Number(variant['BANDWIDTH'] ?? 0)) {
      fault('RFC 8216bis §4.4.6.2', 'BANDWIDTH is the peak', `${uri}: below AVERAGE-BANDWIDTH`);
    }
    const group = variant['AUDIO'];
    if (
      group !== undefined &&
      !media.some((item) => item['TYPE'] === 'AUDIO' && item['GROUP-ID'] === group)
    ) {
      fault('RFC 8216bis §4.4.6.2', 'AUDIO names a group that is there', `${uri}: ${group}`);
    }
  }
  for (const item of media) {
    if (item['TYPE'] === 'AUDIO' && (item['LANGUAGE'] ?? '') === '') {
      fault('HLS Authoring Specification 9.x', 'an audio rendition has its LANGUAGE', item['URI'] ?? '');
    }
    if ((item['NAME'] ?? '') === '')
      fault('RFC 8216bis §4.4.6.1', 'EXT-X-MEDIA has a NAME', item['URI'] ?? '');
    if (item['DEFAULT'] === 'YES' && item['AUTOSELECT'] === 'NO') {
      fault('RFC 8216bis §4.4.6.1', 'DEFAULT=YES goes with AUTOSELECT=YES', item['URI'] ?? '');
    }
  }
  return found;
}
