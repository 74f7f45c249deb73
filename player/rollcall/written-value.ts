import { checkText } from '../../rollcall/protocol/checked.ts';
import { LIMITS } from '../../rollcall/protocol/limits.ts';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)$/;
const THOUSANDS = /^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/;

/**
 * Parses a number as students write it: with a point or a comma, with full-width digits of a Chinese keyboard, with commas
 * between thousands.
 *
 * @returns null for what is none
 */
export function numberOf(text: string): number | null {
  const plain = text.normalize('NFKC').replace(/\s/g, '').replace('\u2212', '-');
  const pointed = THOUSANDS.test(plain) ? plain.replaceAll(',', '') : plain.replace(',', '.');
  const value = NUMBER.test(pointed) ? Number(pointed) : Number.NaN;
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : null;
}

/**
 * Parses a text answer: one line, composed, without space around it.
 *
 * @returns null for what is none
 */
export function lineOf(text: string): string | null {
  const line = checkText('value', text, LIMITS.textLength);
  return line.ok ? line.value : null;
}
