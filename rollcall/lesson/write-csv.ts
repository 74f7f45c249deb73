import { setImmediate } from 'node:timers/promises';
import { type Options, stringify } from 'csv-stringify/sync';

/** A row to be written; null is an empty field. */
export type CsvFields = readonly (string | number | null)[];

/** Rows that are written before other work has its turn. */
const BATCH = 500;
const BYTE_ORDER_MARK = '\ufeff';

const OPTIONS: Options = {
  record_delimiter: 'windows',
  // An apostrophe in front of a text that a spreadsheet would evaluate (OWASP, "CSV injection").
  escape_formulas: true,
  // Some spreadsheets take semicolons and tabs for delimiters; any line break is quoted, not only CR LF.
  quoted_match: /[;\t\r\n]/,
};

/**
 * Writes CSV as spreadsheets open it: UTF-8 with a byte order mark, so that Chinese names are recognized; lines end with CR LF;
 * a text that looks like a formula begins with an apostrophe. Yields to other work at intervals: a city has 100,000 rows.
 *
 * @param rows iterated as they are needed
 * @see RFC 4180
 */
export async function writeCsv(rows: Iterable<CsvFields>): Promise<string> {
  let text = BYTE_ORDER_MARK;
  let batch: CsvFields[] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH) continue;
    text += stringify(batch, OPTIONS);
    batch = [];
    await setImmediate();
  }
  return text + stringify(batch, OPTIONS);
}
