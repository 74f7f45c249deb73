import type { RosterProblem } from '../protocol/roster-preview.ts';
import { delimiterOf } from './csv-delimiter.ts';
import { problem } from './roster-problem.ts';

/** A row of a CSV file. */
export type CsvRow = {
  readonly fields: readonly string[];
  /** The line at which it begins, from 1. */
  readonly line: number;
};

/** The rows of a file, or why it cannot be read. */
export type ParsedCsv =
  | { readonly kind: 'rows'; readonly rows: readonly CsvRow[] }
  | { readonly kind: 'refused'; readonly problem: RosterProblem };

/**
 * Parses CSV (RFC 4180), with the delimiter of {@link delimiterOf} or of a first line `sep=;`, as Excel reads and writes it. Rows
 * that contain only white space are left out.
 *
 * @param text with or without byte order mark; lines end with CR LF, LF or CR
 * @returns a reason that names the line of an unclosed quote, or of text after a closing one
 */
export function parseCsv(text: string): ParsedCsv {
  let body = text.startsWith('\ufeff') ? text.slice(1) : text;
  const named = /^"?sep=([^"\r\n])"?(?=[\r\n]|$)/i.exec(body);
  // Blank, so that lines keep their numbers.
  if (named !== null) body = body.slice(named[0].length);
  const delimiter = named?.[1] ?? delimiterOf(body);
  if (delimiter === 'spaces') return { kind: 'rows', rows: wordsOf(body) };
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
      if (quoted === null) return refused('quote-open', quoteLine);
      fields.push(quoted.field);
      line += quoted.lineBreaks;
      at = quoted.end;
      if (!isEndOfField()) return refused('quote-closed-early', line);
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
  return { kind: 'rows', rows };
}

function refused(code: 'quote-open' | 'quote-closed-early', line: number): ParsedCsv {
  return { kind: 'refused', problem: problem(code, `line ${line}`) };
}

function wordsOf(body: string): readonly CsvRow[] {
  return body.split(/\r\n|\r|\n/).flatMap((text, i) => {
    const fields = text.trim().split(/\s+/);
    return fields[0] === '' ? [] : [{ fields, line: i + 1 }];
  });
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
