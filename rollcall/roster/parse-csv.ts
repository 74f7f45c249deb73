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

/** Fields of a row that are read: no class list is wider. Empty ones beyond are left out, as those of a sheet are. */
const FIELDS_MAX = 256;

/**
 * Parses CSV (RFC 4180), with the delimiter of {@link delimiterOf} or of a first line `sep=;`, as Excel reads and writes it. Rows
 * that contain only white space are left out.
 *
 * @param text with or without byte order mark; lines end with CR LF, LF or CR
 * @returns a reason that names the line of an unclosed quote, of text after a closing one, or of more than 256 fields
 */
export function parseCsv(text: string): ParsedCsv {
  let body = text.startsWith('\ufeff') ? text.slice(1) : text;
  const named = /^"?sep=([^"\r\n])"?(?=[\r\n]|$)/i.exec(body);
  // Blank, so that lines keep their numbers.
  if (named !== null) body = body.slice(named[0].length);
  const delimiter = named?.[1] ?? delimiterOf(body);
  if (delimiter === 'spaces') return wordsOf(body);
  const rows: CsvRow[] = [];
  let fields: string[] = [];
  let [line, rowLine, at] = [1, 1, 0];
  const endRow = (): void => {
    if (fields.some((field) => field.trim() !== '')) rows.push({ fields, line: rowLine });
    fields = [];
  };
  /** @returns false where there are too many */
  const addField = (field: string): boolean => {
    if (fields.length >= FIELDS_MAX) return field.trim() === '';
    fields.push(field);
    return true;
  };
  const isEndOfField = (): boolean =>
    body[at] === delimiter || body[at] === '\r' || body[at] === '\n' || at >= body.length;
  while (at < body.length) {
    if (body[at] === '"') {
      const quoteLine = line;
      const quoted = readQuoted(body, at);
      if (quoted === null) return refused('quote-open', quoteLine);
      if (!addField(quoted.field)) return tooWide(rowLine);
      line += quoted.lineBreaks;
      at = quoted.end;
      if (!isEndOfField()) return refused('quote-closed-early', line);
    } else {
      const start = at;
      while (!isEndOfField()) at++;
      if (!addField(body.slice(start, at))) return tooWide(rowLine);
    }
    if (body[at] === delimiter) {
      at++;
      if (at < body.length && body[at] !== '\r' && body[at] !== '\n') continue;
      // A delimiter at the end of a line is followed by an empty field.
      addField('');
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

function tooWide(line: number): ParsedCsv {
  return { kind: 'refused', problem: problem('too-many-columns', `line ${line}`, String(FIELDS_MAX)) };
}

function wordsOf(body: string): ParsedCsv {
  const rows: CsvRow[] = [];
  for (const [i, text] of body.split(/\r\n|\r|\n/).entries()) {
    const fields = text.trim().split(/\s+/, FIELDS_MAX + 1);
    if (fields.length > FIELDS_MAX) return tooWide(i + 1);
    if (fields[0] !== '') rows.push({ fields, line: i + 1 });
  }
  return { kind: 'rows', rows };
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
