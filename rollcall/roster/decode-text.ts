import type { RosterProblem } from '../protocol/roster-preview.ts';
import { beginsWithFamilyName } from './family-names.ts';
import { kindOfHeading } from './headings.ts';
import { problem } from './roster-problem.ts';

/** A text that was decoded, or why it was not. */
export type DecodedText =
  | {
      readonly kind: 'text';
      readonly text: string;
      /** The encoding, where neither a byte order mark nor the sender names it and it is not UTF-8; else null. */
      readonly guessed: string | null;
    }
  | { readonly kind: 'refused'; readonly problem: RosterProblem };

/** Encodings in which schools' systems write, beside Unicode. Which one it is must follow from the text. */
const CANDIDATES = [
  ...['gb18030', 'big5', 'shift_jis', 'euc-kr', 'windows-1252', 'windows-1250', 'windows-1251'],
] as const;

/** Cells that are looked at to tell an encoding. */
const CELLS_MAX = 400;
const GUESSED_FROM_BYTES = 65_536;
const LOST = '\ufffd';

/**
 * Decodes a class list. A byte order mark goes before what the sender names, and that before what the bytes look like. Bytes that
 * are not UTF-8 are taken for another encoding only where headings or names say so in exactly one: names must not become others.
 *
 * @param charset of the Content-Type (RFC 9110 §8.3.2); null for none
 * @see WHATWG Encoding Standard §4.2
 */
export function decodeText(bytes: Uint8Array, charset: string | null): DecodedText {
  const marked = byMark(bytes);
  if (marked === 'utf-32') return { kind: 'refused', problem: problem('encoding-unknown', '') };
  if (marked !== null) return decoded(bytes, marked, null);
  const label = charset?.trim().toLowerCase().replaceAll(/["']/g, '') ?? '';
  const utf16 = utf16Of(bytes);
  if (label !== '') {
    const name = encodingOf(label);
    if (name === null) return { kind: 'refused', problem: problem('charset-unknown', '', label) };
    // Latin-1 is what some programs write when they do not know, and "utf-16" has two byte orders.
    if (name === 'windows-1252' && isUtf8(bytes)) return decoded(bytes, 'utf-8', null);
    return decoded(bytes, name.startsWith('utf-16') ? (utf16 ?? name) : name, label);
  }
  if (utf16 !== null) return decoded(bytes, utf16, null);
  if (isUtf8(bytes)) return decoded(bytes, 'utf-8', null);
  const guess = guessed(bytes);
  const text = guess === null ? null : decodedStrictly(bytes, guess);
  return text === null
    ? { kind: 'refused', problem: problem('encoding-unknown', placeOfFault(bytes)) }
    : checked(text, guess);
}

function byMark(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' | 'utf-32' | null {
  const [a, b, c, d] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'utf-32' : 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  return a === 0 && b === 0 && c === 0xfe && d === 0xff ? 'utf-32' : null;
}

/** UTF-16 without a byte order mark: of digits, delimiters and line ends every second byte is 0. */
function utf16Of(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (bytes.length % 2 === 1) return null;
  let [even, odd] = [0, 0];
  for (const [i, byte] of bytes.subarray(0, 4096).entries()) {
    if (byte !== 0) continue;
    if (i % 2 === 0) even++;
    else odd++;
  }
  if (even === odd || Math.min(even, odd) * 10 > Math.max(even, odd)) return null;
  return odd > even ? 'utf-16le' : 'utf-16be';
}

function encodingOf(label: string): string | null {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  return decodedStrictly(bytes, 'utf-8') !== null;
}

/** @param isCut the last character may be incomplete */
function decodedStrictly(bytes: Uint8Array, encoding: string, isCut = false): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: isCut });
  } catch {
    return null;
  }
}

/** @param declared what the Content-Type says; null where it says nothing */
function decoded(bytes: Uint8Array, encoding: string, declared: string | null): DecodedText {
  const text = decodedStrictly(bytes, encoding);
  if (text !== null) return checked(text, null);
  const code = declared === null ? 'encoding-unknown' : 'encoding-wrong';
  const place = encoding === 'utf-8' ? placeOfFault(bytes) : '';
  return { kind: 'refused', problem: problem(code, place, declared ?? encoding) };
}

function checked(text: string, guess: string | null): DecodedText {
  const at = text.search(/[\u0000\ufffd]/);
  if (at < 0) return { kind: 'text', text, guessed: guess };
  const place = `line ${text.slice(0, at).split(/\r\n|\r|\n/).length}`;
  if (text[at] !== LOST) return { kind: 'refused', problem: problem('encoding-unknown', place) };
  const cell = /[^,;\t\r\n]*$/.exec(text.slice(0, at))?.[0] ?? '';
  return { kind: 'refused', problem: problem('characters-lost', place, `${cell}${LOST}`.slice(-20)) };
}

/** The line of the first byte that is not UTF-8. */
function placeOfFault(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8').decode(bytes.subarray(0, 65_536));
  const at = text.indexOf(LOST);
  return at < 0 ? '' : `line ${text.slice(0, at).split(/\r\n|\r|\n/).length}`;
}

/** The one encoding in which the text has headings or family names that are not ASCII; null where none or several have. */
function guessed(bytes: Uint8Array): string | null {
  const head = bytes.subarray(0, GUESSED_FROM_BYTES);
  const found = CANDIDATES.flatMap((encoding) => {
    const text = decodedStrictly(head, encoding, head.length < bytes.length);
    const weight = text === null ? 0 : evidence(text);
    return text === null || weight === 0 ? [] : [{ text, encoding, weight }];
  }).sort((a, b) => b.weight - a.weight);
  const [best, ...others] = found;
  if (best === undefined) return null;
  // Two encodings that have the same characters here are as good as one.
  return others.every(({ weight, text }) => weight < best.weight || text === best.text)
    ? best.encoding
    : null;
}

/** How much speaks for a text: headings that are known, and a class whose names begin with family names. */
function evidence(text: string): number {
  const cells = text.split(/[,;\t|\r\n]/, CELLS_MAX).map((cell) => cell.trim());
  const foreign = cells.filter((cell) => /[^\u0000-\u007f]/.test(cell));
  const headings = foreign.filter((cell) => kindOfHeading(cell) !== null).length;
  const names = foreign.filter(
    (cell) => /^"?\p{Script=Han}{2,4}"?$/u.test(cell) && kindOfHeading(cell) === null,
  );
  const known = names.filter((name) => beginsWithFamilyName(name.replaceAll('"', ''))).length;
  return headings * 1000 + (known * 2 > names.length ? known : 0);
}
