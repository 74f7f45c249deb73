import { attributeOf, parseXml } from './xml-text.ts';
import { dayText, type NumberFormat, numberText } from './number-format.ts';

/** A cell: its text, or what is wrong with it where that matters only if the cell is used. */
export type SheetCell =
  | string
  | { readonly fault: 'date' | 'number-inexact' | 'formula-empty' | 'cell-error'; readonly shown: string };

/** A row of a sheet. */
export type SheetRow = {
  /** From 1, as the spreadsheet shows it. */
  readonly line: number;
  readonly cells: readonly SheetCell[];
};

/** What the cells of a sheet refer to. */
export type SheetContext = {
  readonly sharedStrings: readonly string[];
  /** By the index of a cell's style. */
  readonly formats: readonly NumberFormat[];
};

/** Columns and rows that are read: no class list is wider, and no more entries are taken. */
const COLUMNS_MAX = 256;
const ROWS_MAX = 120_000;
/** Characters of a cell that are read: none of a class list has more. */
const TEXT_MAX = 1000;

/** Lines that merged cells fill, all together: every one of four columns. Ranges of a sheet do not overlap. */
const FILLED_MAX = 4 * ROWS_MAX;

/** A sheet with more rows than are read, or with merged cells over more. */
export class TooManyRowsError extends Error {}

/**
 * Reads the rows of a worksheet that are not blank. Cells that are merged downwards all have the text of the first one.
 *
 * @throws {TooManyRowsError}
 * @throws {Error} where it is not well-formed
 * @see ECMA-376-1 §18.3.1
 */
export async function readSheet(xml: Uint8Array, context: SheetContext): Promise<readonly SheetRow[]> {
  const rows = new Map<number, SheetCell[]>();
  const merged = new Set<string>();
  let [line, column] = [0, 0];
  let cell: { type: string; style: number; hasFormula: boolean; value: string } | null = null;
  let inText = 0;
  let inPhonetic = 0;
  await parseXml(xml, {
    open(name, attributes) {
      if (name === 'row') {
        line = Number(attributeOf(attributes, 'r') ?? line + 1);
        column = 0;
      } else if (name === 'c') {
        column = columnOf(attributeOf(attributes, 'r')) ?? column + 1;
        const type = attributeOf(attributes, 't') ?? 'n';
        cell = { type, style: Number(attributeOf(attributes, 's') ?? 0), hasFormula: false, value: '' };
      } else if (name === 'f' && cell !== null) cell.hasFormula = true;
      else if (name === 'v' || name === 't') inText++;
      else if (name === 'rPh') inPhonetic++;
      else if (name === 'mergeCell' && merged.size < 10_000) merged.add(attributeOf(attributes, 'ref') ?? '');
    },
    text(text) {
      if (cell === null || inText === 0 || inPhonetic > 0 || cell.value.length > TEXT_MAX) return;
      cell.value += text;
    },
    close(name) {
      if (name === 'v' || name === 't') inText--;
      else if (name === 'rPh') inPhonetic--;
      else if (name === 'c' && cell !== null) {
        const content = contentOf(cell, context);
        cell = null;
        if (content === '' || column > COLUMNS_MAX) return;
        let row = rows.get(line);
        if (row === undefined) {
          if (rows.size >= ROWS_MAX) throw new TooManyRowsError(`it has more than ${ROWS_MAX} rows`);
          row = [];
          rows.set(line, row);
        }
        while (row.length < column) row.push('');
        row[column - 1] = content;
      }
    },
  });
  const lastLine = [...rows.keys()].reduce((last, number) => Math.max(last, number), 0);
  let filled = 0;
  for (const ref of merged) {
    const lines = linesToFill(rows, ref, lastLine);
    if (lines === null) continue;
    filled += lines.last - lines.top;
    if (filled > FILLED_MAX)
      throw new TooManyRowsError(`its merged cells have more than ${FILLED_MAX} lines`);
    fillDown(rows, lines);
  }
  return [...rows].sort(([a], [b]) => a - b).map(([number, cells]) => ({ line: number, cells }));
}

function contentOf(
  { type, style, hasFormula, value }: { type: string; style: number; hasFormula: boolean; value: string },
  { sharedStrings, formats }: SheetContext,
): SheetCell {
  if (hasFormula && value === '' && type !== 'str') return { fault: 'formula-empty', shown: '(formula)' };
  switch (type) {
    case 's':
      return sharedStrings[Number(value)] ?? '';
    case 'inlineStr':
    case 'str':
      return unescaped(value);
    case 'e':
      return { fault: 'cell-error', shown: value };
    case 'b':
      return value === '1' ? 'TRUE' : 'FALSE';
    case 'd':
      return { fault: 'date', shown: value.slice(0, 10) };
    default: {
      if (value.trim() === '') return '';
      const format = formats[style] ?? 'general';
      if (format === 'date') return { fault: 'date', shown: dayText(value) };
      return numberText(value, format) ?? { fault: 'number-inexact', shown: value };
    }
  }
}

/** Characters that XML cannot have are written as `_x000D_` (ECMA-376-1 §22.9.2.19). */
export function unescaped(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replaceAll(/_x([0-9a-fA-F]{4})_/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** Column and row of a reference: `C12`. */
function columnOf(reference: string | undefined): number | null {
  const letters = /^([A-Za-z]{1,3})\d*$/.exec(reference ?? '')?.[1];
  if (letters === undefined) return null;
  let column = 0;
  for (const letter of letters.toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64;
  return column;
}

type LinesToFill = {
  readonly column: number;
  readonly content: SheetCell;
  /** The line of the content, and the last one to fill. */
  readonly top: number;
  readonly last: number;
};

/** @returns null for cells that are merged to the right, which are a title, and for those without content */
function linesToFill(
  rows: ReadonlyMap<number, SheetCell[]>,
  reference: string,
  lastLine: number,
): LinesToFill | null {
  const [, from = '', top = '', to = '', bottom = ''] =
    /^([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})$/i.exec(reference) ?? [];
  const [column, toColumn] = [columnOf(from), columnOf(to)];
  if (column === null || column !== toColumn) return null;
  const content = rows.get(Number(top))?.[column - 1];
  const last = Math.min(Number(bottom), lastLine);
  if (content === undefined || content === '' || last <= Number(top)) return null;
  return { column, content, top: Number(top), last };
}

function fillDown(rows: ReadonlyMap<number, SheetCell[]>, { column, content, top, last }: LinesToFill): void {
  for (let line = top + 1; line <= last; line++) {
    const row = rows.get(line);
    if (row === undefined) continue;
    while (row.length < column) row.push('');
    row[column - 1] = content;
  }
}
