/** The result of checking external input: the value, or a reason that names the place and what is wrong there. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

/** A valid value. */
export function good<T>(value: T): Checked<T> {
  return { ok: true, value };
}

/** An invalid value. */
export function bad(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}

/** Whether a value is an object, and not an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is a finite number. */
export function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/**
 * Checks a line of text that people will read. It is trimmed and composed (Unicode NFC). Control characters, including those
 * that change the direction of writing, are rejected, and so is text without any visible character.
 *
 * @param place names the text in the reason, such as `prompt`
 * @param maxLength UTF-16 code units after trimming and composing
 */
export function checkText(place: string, value: unknown, maxLength: number): Checked<string> {
  if (typeof value !== 'string') return bad(`${place}: want text`);
  // Composing shortens a text to a third at most: a longer one need not be composed to be rejected.
  if (value.length > maxLength * 4)
    return bad(`${place}: ${value.length} characters, want at most ${maxLength}`);
  const text = value.trim().normalize('NFC');
  if (text.length === 0) return bad(`${place}: empty`);
  if (text.length > maxLength) return bad(`${place}: ${text.length} characters, want at most ${maxLength}`);
  if (CONTROL.test(text)) return bad(`${place}: has a control character`);
  if (!VISIBLE.test(text)) return bad(`${place}: no visible character`);
  return good(text);
}

/** C0 and C1 controls, line and paragraph separators, directional overrides and isolates, and surrogates, which with
 * the flag `u` are lone ones only. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]/u;

/** A name of joiners and fillers alone would be an empty line in the teacher's list. */
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}]/u;
