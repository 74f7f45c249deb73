import { bad, type Checked, good } from '../protocol/checked.ts';

/** A row of a CSV file. */
export type CsvRow = {
  readonly fields: readonly string[];
  /** The line at which it begins, from 1. */
  readonly line: number;
};

const DELIMITERS = [',', ';', '\t'] as const;

/**
 * Parses CSV (RFC 4180). The delimiter is the one of comma, semicolon and tab that is most frequent in the first line. Rows
 * that contain only white space are left out.
 *
 * @param text with or without byte order mark; lines end with CR LF, LF or CR
 * @returns a reason that names the line of an unclosed quote, or of text after a closing one
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
  const isEndOfField = (): boolean =>
    body[at] === delimiter || body[at] === '\r' || body[at] === '\n' || at >= body.length;
  while (at < body.length) {
    if (body[at] === '"') {
      const quoteLine = line;
      const quoted = readQuoted(body, at);
      if (quoted === null) return bad(`line ${quoteLine}: a quote is not closed`);
      fields.push(quoted.field);
      line += quoted.lineBreaks;
      at = quoted.end;
      if (!isEndOfField()) return bad(`line ${line}: text after a closing quote`);
    } else {
      const start = at;
      while (!isEndOfField()) at++;
      fields.push(body.slice(start, at));
    }
    if (body[at] === delimiter) {
      at++;
      if (at < body.length && body[at] !== '\r' && body[at] !== '\n') continue;
      // A delimiter at the end of a line is followed by an empty field.
      fields.push('');
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

/**
 * Reads a quoted field.
 *
 * @param at index of its opening quote
 * @returns null when the quote is not closed
 */
function readQuoted(
  body: string,
  at: number,
): { readonly field: string; readonly lineBreaks: number; readonly end: number } | null {
  let [field, lineBreaks, from] = ['', 0, at + 1];
  for (;;) {
    const quote = body.indexOf('"', from);
    if (quote < 0) return null;
    const text = body.slice(from, quote);
    field += text;
    lineBreaks += text.split(/\r\n|\r|\n/).length - 1;
    if (body[quote + 1] !== '"') return { field, lineBreaks, end: quote + 1 };
    field += '"';
    from = quote + 2;
  }
}

function delimiterOf(text: string): string {
  const first = text.split(/[\r\n]/, 1)[0] ?? '';
  const counts = DELIMITERS.map((delimiter) => first.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
}
