/**
 * Writes a quoted-string (RFC 8216bis §4.2), which may hold neither a double quote nor a line break; what is not
 * allowed becomes a space or an apostrophe, so that text from outside cannot add a tag.
 */
export function quoted(text: string): string {
  return `"${text.replaceAll('"', "'").replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ')}"`;
}
