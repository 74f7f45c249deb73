/** How files begin that are no lists: of bytes as Latin-1, by the name of the format. */
const BEGINNINGS: readonly (readonly [start: RegExp, format: string])[] = [
  [/^\xff\xd8\xff/, 'JPEG'],
  [/^\x89PNG\r\n/, 'PNG'],
  [/^GIF8[79]a/, 'GIF'],
  [/^RIFF....WEBP/s, 'WebP'],
  [/^....ftyp(?:hei|hev|mif|avi)/s, 'HEIC'],
  [/^BM.{4}\0{4}/s, 'BMP'],
  [/^(?:II\*\0|MM\0\*)/, 'TIFF'],
  [/^\{\\rtf/, 'RTF'],
  [/^\x1f\x8b/, 'gzip'],
  [/^Rar!\x1a\x07/, 'RAR'],
  [/^7z\xbc\xaf\x27\x1c/, '7z'],
];

/** Files in archives by which the format is known. */
const PARTS: readonly (readonly [part: RegExp, format: string])[] = [
  [/^word\//, 'Word'],
  [/^ppt\//, 'PowerPoint'],
  [/^index\/.*\.iwa$|^index\.zip$/, 'Numbers'],
];

/**
 * Which format a file has that cannot be a list: a photo of one, a text of a word processor, an archive around one.
 *
 * @returns null for any other file
 */
export function otherFileOf(bytes: Uint8Array): string | null {
  // A TextDecoder takes "latin1" for windows-1252, in which 0x80 to 0x9f are other characters.
  const head = String.fromCharCode(...bytes.subarray(0, 32));
  return BEGINNINGS.find(([start]) => start.test(head))?.[1] ?? null;
}

/**
 * The same of an archive.
 *
 * @param names of the files in it, in lower case
 */
export function otherArchiveOf(names: readonly string[]): string | null {
  return PARTS.find(([part]) => names.some((name) => part.test(name)))?.[1] ?? null;
}
