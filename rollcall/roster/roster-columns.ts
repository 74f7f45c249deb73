import type { RosterColumn, RosterNote, RosterProblem } from '../protocol/roster-preview.ts';
import { type ColumnKind, headingKey, ID_TIERS, kindOfHeading } from './headings.ts';
import type { CsvRow } from './parse-csv.ts';
import { problem } from './roster-problem.ts';

/** Where one student of a row stands: columns from 0, -1 for none. Lists of two students a row have two of these. */
export type StudentColumns = {
  /**
   * Columns that number students, in tiers: the first tier that is not empty everywhere is used, and each row takes the first
   * column of it that is not empty. Documents and lines number students only where nothing else does.
   */
  readonly ids: readonly (readonly number[])[];
  /** Column of the number of a line: in lists of several classes it begins again. */
  readonly serial: number;
  readonly name: number;
  readonly family: number;
  readonly given: number;
  readonly middle: number;
  readonly group: number;
  readonly grade: number;
};

/** A table of a file: its columns, and the rows below its headings. */
export type RosterTable = {
  readonly columns: readonly RosterColumn[];
  readonly students: readonly StudentColumns[];
  /** Of an export of ours: the column that says who is on the list; -1 for none. */
  readonly onRoster: number;
  readonly hasHeadings: boolean;
  readonly rows: readonly CsvRow[];
  readonly notes: readonly RosterNote[];
};

/** A table, or why its columns are not understood. */
export type FoundTable =
  | { readonly kind: 'table'; readonly table: RosterTable }
  | { readonly kind: 'refused'; readonly problem: RosterProblem };

/** Rows that may stand above the headings. */
const ABOVE_MAX = 30;
const NONE: StudentColumns = {
  ...{ ids: [], serial: -1, name: -1, family: -1, given: -1, middle: -1, group: -1, grade: -1 },
};

/**
 * Finds the headings of a table, and what its columns are. Without headings, one column is the name, two are id and name, three
 * are id, name and group, unless what stands in them says otherwise.
 *
 * @param placeOf names a row in problems
 */
export function findTable(rows: readonly CsvRow[], placeOf: (row: CsvRow) => string): FoundTable {
  const top = rows.slice(0, ABOVE_MAX).map((row) => row.fields.map(kindOfHeading));
  const at = headingRow(top);
  const heading = rows[at];
  if (heading === undefined) return withoutHeadings(rows, top, placeOf);
  const kinds = top[at] ?? [];
  const students = studentsOf(kinds, heading.fields);
  if (students === null) {
    const twice = heading.fields.find((field, i) => kinds[i] === 'name' && field !== '') ?? '';
    return refused(problem('heading-twice', placeOf(heading), twice));
  }
  const asText = ({ fields }: CsvRow): string => fields.map((field) => field.trim()).join('\t');
  const headingText = asText(heading);
  const columns = heading.fields.map((field, i) => ({ heading: field.trim(), use: useOf(i, students) }));
  const above = rows.slice(0, at).map(placeOf);
  const unused = columns.flatMap((column) =>
    column.use === null && column.heading !== '' ? [column.heading] : [],
  );
  // Printed lists have them on each page.
  const repeated = new Set(rows.slice(at + 1).filter((row) => asText(row) === headingText));
  return {
    kind: 'table',
    table: {
      ...{ columns, students, hasHeadings: true, onRoster: kinds.indexOf('onRoster') },
      rows: rows.slice(at + 1).filter((row) => !repeated.has(row)),
      notes: [
        ...(above.length > 0 ? [{ code: 'above-headings' as const, words: above.slice(0, 10) }] : []),
        ...(unused.length > 0 ? [{ code: 'columns-unused' as const, words: unused.slice(0, 10) }] : []),
        ...(repeated.size > 0
          ? [{ code: 'rows-left-out' as const, words: [...repeated].slice(0, 10).map(placeOf) }]
          : []),
      ],
    },
  };
}

/** The row with the most headings, one of which is of names; -1 for none. */
function headingRow(top: readonly (readonly (ColumnKind | null)[])[]): number {
  let [best, most] = [-1, 0];
  for (const [i, kinds] of top.entries()) {
    const known = new Set(kinds.filter((kind) => kind !== null));
    const isOfNames =
      known.has('name') || known.has('family') || known.has('given') || known.has('otherName');
    if (isOfNames && known.size > most) [best, most] = [i, known.size];
  }
  return best;
}

/** @returns null where a heading is there twice, and it cannot be told which columns belong together */
function studentsOf(
  kinds: readonly (ColumnKind | null)[],
  headings: readonly string[],
): readonly StudentColumns[] | null {
  const all = (kind: ColumnKind): number[] => kinds.flatMap((known, i) => (known === kind ? [i] : []));
  const [families, givens] = [all('family'), all('given')];
  let names = all('name');
  if (names.length === 0 && families.length === 0 && givens.length === 0) names = all('otherName');
  // "姓名" twice is two students a row; "姓名" and "学生" are two headings of one.
  const sameName = names.filter(
    (i) => headingKey(headings[i] ?? '') === headingKey(headings[names[0] ?? -1] ?? ''),
  );
  const count = Math.max(1, sameName.length);
  if (count === 1 && (families.length > 1 || givens.length > 1)) return null;
  const tiers = ID_TIERS.map((tier) =>
    // Two students a row have two numbers a row, or none.
    tier.map(all).filter((own) => own.length > 0 && own.length % count === 0),
  );
  return Array.from({ length: count }, (_, block): StudentColumns => {
    const of = (kind: ColumnKind): number => {
      const own = all(kind);
      return (own.length === count ? own[block] : own[0]) ?? -1;
    };
    return {
      ids: tiers
        .map((tier) =>
          tier.flatMap((own) => own.slice((block * own.length) / count, ((block + 1) * own.length) / count)),
        )
        .filter((tier) => tier.length > 0),
      serial: of('serial'),
      name: sameName[block] ?? -1,
      ...{ family: count === 1 ? of('family') : -1, given: count === 1 ? of('given') : -1 },
      ...{ middle: of('middle'), group: of('group'), grade: of('grade') },
    };
  });
}

function useOf(column: number, students: readonly StudentColumns[]): RosterColumn['use'] {
  for (const { ids, name, family, given, middle, group, grade } of students) {
    if (ids[0]?.[0] === column) return 'id';
    if (name === column) return 'name';
    if (family === column) return name < 0 ? 'family' : null;
    if (given === column) return name < 0 ? 'given' : null;
    if (middle === column) return name < 0 && given >= 0 ? 'middle' : null;
    if (group === column) return 'group';
    if (grade === column) return 'grade';
  }
  return null;
}

function withoutHeadings(
  rows: readonly CsvRow[],
  top: readonly (readonly (ColumnKind | null)[])[],
  placeOf: (row: CsvRow) => string,
): FoundTable {
  const [first] = rows;
  if (first === undefined) {
    return {
      kind: 'table',
      table: { ...{ columns: [], students: [NONE], onRoster: -1 }, hasHeadings: false, rows, notes: [] },
    };
  }
  const quoted = (row: CsvRow): string =>
    row.fields
      .filter((field) => field.trim() !== '')
      .slice(0, 6)
      .map((field) => `"${field.trim().slice(0, 20)}"`)
      .join(', ');
  // Headings without one for the names: a row of words of which one at least is a heading that no student is called.
  const i = top.findIndex(
    (kinds, at) =>
      kinds.some((kind) => kind !== null && kind !== 'grade') &&
      kinds.length > 1 &&
      (rows[at]?.fields ?? []).every((field) => !/\d/.test(field)),
  );
  const nameless = rows[i];
  if (nameless !== undefined && rows.length > 1) {
    return refused(problem('no-name-column', placeOf(nameless), quoted(nameless)));
  }
  if (looksLikeHeadings(rows)) return refused(problem('headings-unknown', placeOf(first), quoted(first)));
  const width = Math.max(...rows.slice(0, 1000).map(({ fields }) => fields.length));
  const columns = byPosition(width);
  const isPlausible = width === 1 || shareOf(rows, columns.name, isName) >= 0.5;
  const hasLetters = shareOf(rows, columns.name, (text) => /\p{L}/u.test(text)) >= 0.5;
  const students = isPlausible ? columns : (byContent(rows, width) ?? (hasLetters ? columns : null));
  if (students === null) return refused(problem('no-name-column', placeOf(first), quoted(first)));
  return {
    kind: 'table',
    table: {
      columns: Array.from({ length: width }, (_, column) => ({
        heading: '',
        use: useOf(column, [students]),
      })),
      ...{ students: [students], onRoster: -1, hasHeadings: false, rows },
      notes: [{ code: 'no-headings', words: [] }],
    },
  };
}

/** Whether the first row has words where all others have numbers. */
function looksLikeHeadings(rows: readonly CsvRow[]): boolean {
  const [first, ...rest] = rows.slice(0, 1000);
  if (first === undefined || rest.length === 0) return false;
  return first.fields.some((field, i) => {
    if (field.trim() === '' || /\d/.test(field.normalize('NFKC'))) return false;
    return rest.every(({ fields }) => /\d/.test((fields[i] ?? '').normalize('NFKC')));
  });
}

function byPosition(width: number): StudentColumns {
  return width === 1 ? { ...NONE, name: 0 } : { ...NONE, ids: [[0]], name: 1, group: width > 2 ? 2 : -1 };
}

/** The columns of a list in another order: names have no digits and differ, numbers have digits and differ. */
function byContent(rows: readonly CsvRow[], width: number): StudentColumns | null {
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
  return { ...NONE, ids: id === undefined ? [] : [[id]], name, group: group ?? -1 };
}

function shareOf(rows: readonly CsvRow[], column: number, test: (text: string) => boolean): number {
  const some = rows.slice(0, 1000);
  return some.filter(({ fields }) => test((fields[column] ?? '').trim())).length / Math.max(1, some.length);
}

function distinct(rows: readonly CsvRow[], column: number): number {
  const some = rows.slice(0, 1000);
  return new Set(some.map(({ fields }) => fields[column])).size / Math.max(1, some.length);
}

function lengthOf(rows: readonly CsvRow[], column: number): number {
  return rows.slice(0, 1000).reduce((sum, { fields }) => sum + (fields[column] ?? '').length, 0);
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

function refused(of: RosterProblem): FoundTable {
  return { kind: 'refused', problem: of };
}
