/** What came of checking something from outside: the value, or one line that names the place and what is wrong with it. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

/** A value that is as it should be. */
export function good<T>(value: T): Checked<T> {
  return { ok: true, value };
}

/** A value that is not. */
export function bad(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}

/** Tells whether something is an object with named members, and not a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Tells whether something is a finite number. */
export function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/**
 * Checks a line of text that people will read: white space at its ends is taken off, composed (Unicode NFC), and control
 * characters, among them those that turn the direction of writing, are refused, as is what nobody would see.
 *
 * @param place what it is, for the reason: `prompt`
 * @param maxLength UTF-16 code units after that
 */
export function checkText(place: string, value: unknown, maxLength: number): Checked<string> {
  if (typeof value !== 'string') return bad(`${place}: want text`);
  // Composing cannot make it shorter than a third: what is longer than that is not worth composing.
  if (value.length > maxLength * 4)
    return bad(`${place}: ${value.length} characters, want at most ${maxLength}`);
  const text = value.trim().normalize('NFC');
  if (text.length === 0) return bad(`${place}: empty`);
  if (text.length > maxLength) return bad(`${place}: ${text.length} characters, want at most ${maxLength}`);
  if (CONTROL.test(text)) return bad(`${place}: has a control character`);
  if (!VISIBLE.test(text)) return bad(`${place}: nothing in it can be seen`);
  return good(text);
}

/** C0 and C1 controls, line and paragraph separators, directional overrides and isolates, and lone surrogates. */
const CONTROL =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** A name of joiners and fillers alone would be a gap in the teacher's list. */
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}]/u;
