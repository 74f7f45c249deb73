/** What a number format of a workbook shows (ECMA-376-1 §18.8.30, §18.8.31), as far as class lists need it. */
export type NumberFormat = 'general' | 'date' | { readonly zeros: number };

/** Built-in formats that show a date or a time, those of East Asia included. */
const BUILT_IN_DATES = new Set([
  ...[14, 15, 16, 17, 18, 19, 20, 21, 22, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 45, 46, 47],
  ...[50, 51, 52, 53, 54, 55, 56, 57, 58],
]);

/**
 * Reads a number format.
 *
 * @param id its number; below 164 a built-in one
 * @param code its code, where the workbook has one: `00000`, `m"月"d"日"`
 */
export function numberFormat(id: number, code: string | undefined): NumberFormat {
  if (code === undefined) return BUILT_IN_DATES.has(id) ? 'date' : 'general';
  // Without texts in quotes, escaped characters, colours and conditions.
  const [bare = ''] = code.replaceAll(/"[^"]*"|\\.|_.|\*.|\[[^\]]*\]/g, '').split(';');
  if (/[ymdhs]|年|月|日/i.test(bare.replaceAll(/general/gi, ''))) return 'date';
  return /^0{2,}$/.test(bare.trim()) ? { zeros: bare.trim().length } : 'general';
}

/**
 * The text of a number, as the spreadsheet shows it in a column that is wide enough.
 *
 * @param raw as it is stored: `1.10101201001011E+17`
 * @returns null where it has more digits than a spreadsheet keeps: the last ones are others than were typed
 */
export function numberText(raw: string, format: NumberFormat): string | null {
  const value = Number(raw);
  if (!Number.isFinite(value)) return raw;
  if (Number.isInteger(value)) {
    // 15 digits are kept; what is larger ends in zeros that nobody has typed.
    if (Math.abs(value) >= 1e15) return null;
    const digits = String(Math.abs(value));
    const padded = typeof format === 'object' ? digits.padStart(format.zeros, '0') : digits;
    return value < 0 ? `-${padded}` : padded;
  }
  // 7.1 may be stored as 7.0999999999999996.
  return String(Number(value.toPrecision(15)));
}

/** The day of a date as ISO 8601; days are counted from 1899-12-30, so that 1900-03-01 and later ones are right. */
export function dayText(raw: string): string {
  const ms = Math.round(Number(raw) * 86_400_000) - 2_209_161_600_000;
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString().slice(0, 10) : raw;
}
