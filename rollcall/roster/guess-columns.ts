import { beginsWithFamilyName } from './family-names.ts';
import type { CsvRow } from './parse-csv.ts';
import { type CandidateColumns, NO_COLUMNS } from './student-columns.ts';

/** Rows that are looked at. */
const LOOKED_AT = 1000;

/** Whether the first row has words where all others have numbers. */
export function looksLikeHeadings(rows: readonly CsvRow[]): boolean {
  const [first, ...rest] = rows.slice(0, LOOKED_AT);
  if (first === undefined || rest.length === 0) return false;
  return first.fields.some((field, i) => {
    if (field.trim() === '' || /\d/.test(field.normalize('NFKC'))) return false;
    return rest.every(({ fields }) => /\d/.test((fields[i] ?? '').normalize('NFKC')));
  });
}

/**
 * Guesses the columns of a table without headings: one is the name, two are id and name, three are id, name and group, unless
 * what stands in them says otherwise. Chinese names side by side are a student each.
 *
 * @param width columns of the table
 * @returns the columns of each student of a row; none where no column can be told to have the names
 */
export function columnsByContent(rows: readonly CsvRow[], width: number): readonly CandidateColumns[] {
  if (width > 2 && areAllNames(rows))
    return Array.from({ length: width }, (_, name) => ({ ...NO_COLUMNS, name }));
  const columns = ofOneStudent(rows, width);
  return columns === null ? [] : [columns];
}

/** Whether every cell is a Chinese name, and none is there twice. */
function areAllNames(rows: readonly CsvRow[]): boolean {
  const cells = rows
    .slice(0, LOOKED_AT)
    .flatMap(({ fields }) => fields.map((field) => field.replaceAll(/\s/gu, '')).filter(isFilled));
  const areNames = cells.every((cell) => /^\p{Script=Han}{2,4}$/u.test(cell));
  const known = cells.filter(beginsWithFamilyName).length;
  return areNames && known >= cells.length * 0.8 && new Set(cells).size === cells.length;
}

function ofOneStudent(rows: readonly CsvRow[], width: number): CandidateColumns | null {
  const columns = byPosition(width);
  const isPlausible = width === 1 || shareOf(rows, columns.name, isName) >= 0.5;
  if (isPlausible) return columns;
  const hasLetters = shareOf(rows, columns.name, (text) => /\p{L}/u.test(text)) >= 0.5;
  return inOtherOrder(rows, width) ?? (hasLetters ? columns : null);
}

function byPosition(width: number): CandidateColumns {
  return width === 1
    ? { ...NO_COLUMNS, name: 0 }
    : { ...NO_COLUMNS, idTiers: [[0]], name: 1, group: width > 2 ? 2 : -1 };
}

/** The columns of a list in another order: names have no digits and differ, numbers have digits and differ. */
function inOtherOrder(rows: readonly CsvRow[], width: number): CandidateColumns | null {
  const columns = Array.from({ length: Math.min(width, 20) }, (_, i) => i);
  const names = columns.filter((i) => shareOf(rows, i, isName) >= 0.8 && distinct(rows, i) > 0.5);
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) return null;
  const numbers = columns.filter(
    (i) => i !== name && shareOf(rows, i, isNumber) === 1 && distinct(rows, i) === 1,
  );
  // Of a serial number and a student number the latter is the longer one.
  const [id] = numbers.toSorted((a, b) => lengthOf(rows, b) - lengthOf(rows, a));
  const group = columns.find((i) => i !== name && !numbers.includes(i) && shareOf(rows, i, isFilled) >= 0.8);
  return { ...NO_COLUMNS, idTiers: id === undefined ? [] : [[id]], name, group: group ?? -1 };
}

function shareOf(rows: readonly CsvRow[], column: number, test: (text: string) => boolean): number {
  const some = rows.slice(0, LOOKED_AT);
  return some.filter(({ fields }) => test((fields[column] ?? '').trim())).length / Math.max(1, some.length);
}

function distinct(rows: readonly CsvRow[], column: number): number {
  const some = rows.slice(0, LOOKED_AT);
  return new Set(some.map(({ fields }) => fields[column])).size / Math.max(1, some.length);
}

function lengthOf(rows: readonly CsvRow[], column: number): number {
  return rows.slice(0, LOOKED_AT).reduce((sum, { fields }) => sum + (fields[column] ?? '').length, 0);
}

function isName(text: string): boolean {
  return text !== '' && !/\p{N}/u.test(text);
}

function isNumber(text: string): boolean {
  return /\p{Nd}/u.test(text);
}

function isFilled(text: string): boolean {
  return text !== '';
}
