import { setImmediate } from 'node:timers/promises';
import { type Options, stringify } from 'csv-stringify/sync';

/** A row to be written; null is an empty field. */
export type CsvFields = readonly (string | number | null)[];

/** Rows that are written before other work has its turn. */
const BATCH = 500;
const BYTE_ORDER_MARK = '\ufeff';

/**
 * A sign with which a formula begins, at the beginning of a text or behind a character that some spreadsheet takes for the end of
 * a cell: where ';' stands between columns, a quote within a field does not hold it together. Also in full width and small forms.
 */
const FORMULA = /(^|[,;|\t\r\n])(["\s]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212])/g;

/**
 * Makes a text safe for a cell: an apostrophe in front of what a spreadsheet would evaluate, whatever stands between its columns
 * (OWASP, "CSV injection").
 */
export function withoutFormulas(text: string): string {
  const safe = text.replaceAll(FORMULA, "$1$2'");
  return /^[\t\r\n]/.test(safe) ? `'${safe}` : safe;
}

const OPTIONS: Options = {
  record_delimiter: 'windows',
  // Some spreadsheets take semicolons and tabs for delimiters; any line break is quoted, not only CR LF.
  quoted_match: /[;|\t\r\n]/,
};

/**
 * Writes CSV as spreadsheets open it: UTF-8 with a byte order mark, so that Chinese names are recognized; lines end with CR LF;
 * formulas are made harmless by {@link withoutFormulas}. Yields to other work at intervals: a city has 100,000 rows.
 *
 * @param rows iterated as they are needed
 * @see RFC 4180
 */
export async function writeCsv(rows: Iterable<CsvFields>): Promise<string> {
  let text = BYTE_ORDER_MARK;
  let batch: (string | number | null)[][] = [];
  for (const row of rows) {
    batch.push(row.map((field) => (typeof field === 'string' ? withoutFormulas(field) : field)));
    if (batch.length < BATCH) continue;
    text += stringify(batch, OPTIONS);
    batch = [];
    await setImmediate();
  }
  return text + stringify(batch, OPTIONS);
}
