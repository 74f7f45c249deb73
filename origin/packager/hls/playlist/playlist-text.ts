import { type Row } from './field-table.ts';
import { badPlaylist, shown } from './playlist-error.ts';

/** Writes a record's tags, each on a line of its own with its line feed; what is absent is left out. */
export function writeTags<R>(rows: readonly Row<R>[], record: R): string {
  let text = '';
  for (const row of rows) {
    const written = row.write(record);
    if (written === null) continue;
    if (typeof written === 'string') text += tagLine(row.name, written);
    else for (const value of written) text += tagLine(row.name, value);
  }
  return text;
}

function tagLine(name: string, value: string): string {
  return value === '' ? `#${name}\n` : `#${name}:${value}\n`;
}

/** A line of a playlist: a tag, or a URI. */
export type PlaylistLine =
  | { readonly kind: 'tag'; readonly name: string; readonly value: string }
  | { readonly kind: 'uri'; readonly uri: string };

/**
 * Reads a playlist's lines (RFC 8216bis §4.1). Blank lines and comments are ignored.
 *
 * @throws {PlaylistError} `bad-playlist`: "The EXTM3U tag … MUST be the first line" (§4.4.1.1)
 */
export function playlistLines(text: string): PlaylistLine[] {
  const [first = '', ...rest] = text.split(/\r?\n/);
  if (first !== '#EXTM3U') throw badPlaylist('EXTM3U', `first line is ${shown(first)}`);
  return rest.flatMap((line): PlaylistLine[] => {
    if (line === '') return [];
    if (!line.startsWith('#')) return [{ kind: 'uri', uri: line }];
    if (!line.startsWith('#EXT')) return [];
    const colon = line.indexOf(':');
    if (colon < 0) return [{ kind: 'tag', name: line.slice(1), value: '' }];
    return [{ kind: 'tag', name: line.slice(1, colon), value: line.slice(colon + 1) }];
  });
}
