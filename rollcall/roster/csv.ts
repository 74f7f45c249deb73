import { forEachYielding } from '../../shared/for-each-yielding.ts';
import { bad, type Checked, good } from '../protocol/checked.ts';

/** A row of a CSV file. */
export type CsvRow = {
  readonly fields: readonly string[];
  /** At which it begins, from 1. */
  readonly line: number;
};

const DELIMITERS = [',', ';', '\t'] as const;

/**
 * Reads CSV (RFC 4180). The delimiter is the one of comma, semicolon and tab that stands most often in the first line; rows
 * without any text are left out.
 *
 * @param text with or without byte order mark; lines end in CR LF, LF or CR
 * @returns a reason that names the line of a quote that never ends, or of text behind one
 */
export function parseCsv(text: string): Checked<readonly CsvRow[]> {
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  const delimiter = delimiterOf(body);
  const rows: CsvRow[] = [];
  let fields: string[] = [];
  let [line, rowLine, at] = [1, 1, 0];
  const endRow = (): void => {
    if (fields.some((field) => field.trim() !== '')) rows.push({ fields, line: rowLine });
    fields = [];
  };
  while (at < body.length) {
    if (body[at] === '"') {
      const quotedLine = line;
      let field = '';
      for (at++; ; ) {
        const end = body.indexOf('"', at);
        if (end < 0) return bad(`line ${quotedLine}: a quote that never ends`);
        field += body.slice(at, end);
        line += countLines(body.slice(at, end));
        at = end + 1;
        if (body[at] !== '"') break;
        field += '"';
        at++;
      }
      fields.push(field);
      if (at < body.length && body[at] !== delimiter && body[at] !== '\r' && body[at] !== '\n') {
        return bad(`line ${line}: text behind a closing quote`);
      }
    } else {
      let end = at;
      while (end < body.length && body[end] !== delimiter && body[end] !== '\r' && body[end] !== '\n') end++;
      fields.push(body.slice(at, end));
      at = end;
    }
    if (body[at] === delimiter) {
      at++;
      // A delimiter at the end of a line has an empty field behind it.
      if (at === body.length || body[at] === '\r' || body[at] === '\n') fields.push('');
      else continue;
    }
    if (at < body.length) {
      at += body[at] === '\r' && body[at + 1] === '\n' ? 2 : 1;
      line++;
    }
    endRow();
    rowLine = line;
  }
  endRow();
  return good(rows);
}

/** A row to be written; null is an empty field. */
export type CsvFields = readonly (string | number | null)[];

/**
 * Writes CSV as spreadsheets open it: UTF-8 with a byte order mark, so that names in Chinese stay what they are; CR LF at the
 * ends of lines. A text that a spreadsheet would take for a formula has an apostrophe put before it. Lets go of the process
 * now and then: a city has 100,000 rows.
 *
 * @param rows taken as they are needed
 * @see RFC 4180; OWASP, "CSV injection"
 */
export async function writeCsv(rows: Iterable<CsvFields>): Promise<string> {
  let text = '\ufeff';
  await forEachYielding(rows, (row) => {
    text += `${row.map(writeField).join(',')}\r\n`;
  });
  return text;
}

function writeField(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n;\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function delimiterOf(text: string): string {
  const first = text.split(/[\r\n]/, 1)[0] ?? '';
  const counts = DELIMITERS.map((delimiter) => first.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
}

function countLines(text: string): number {
  return text.split(/\r\n|\r|\n/).length - 1;
}
