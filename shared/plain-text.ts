/** C0 and C1 controls, line and paragraph separators; the characters that turn the direction of writing; lone surrogates. */
const HIDDEN = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\p{Surrogate}]/u;
const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
const ALL_HIDDEN = new RegExp(HIDDEN, 'gu');

/** Whether a text has a character that a line of text on a page must not have: it would hide or turn what stands beside it. */
export function hasHiddenCharacter(text: string): boolean {
  return HIDDEN.test(text);
}

/**
 * A text as one line that shows what it has: without controls and characters that turn the direction of writing, line breaks as
 * spaces, trimmed and composed (Unicode NFC).
 */
export function plainText(text: string): string {
  return text.replaceAll(BREAKS, ' ').replaceAll(ALL_HIDDEN, '').trim().normalize('NFC');
}
