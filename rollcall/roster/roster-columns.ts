import type { RosterChoice } from '../protocol/roster-choice.ts';
import type { ProblemCode, RosterColumn, RosterNote, RosterProblem } from '../protocol/roster-preview.ts';
import { columnsByContent, looksLikeHeadings } from './guess-columns.ts';
import { type ColumnKind, kindOfHeading } from './headings.ts';
import type { CsvRow } from './parse-csv.ts';
import { problem } from './roster-problem.ts';
import {
  type CandidateColumns,
  columnsByChoice,
  columnsByHeadings,
  settledColumns,
  type StudentColumns,
  useOf,
} from './student-columns.ts';

/** A table of a file: its columns, and the rows below its headings. */
export type RosterTable = {
  readonly columns: readonly RosterColumn[];
  readonly students: readonly StudentColumns[];
  /** Of an export of ours: the column that says who is on the list; -1 for none. */
  readonly onRoster: number;
  readonly rows: readonly CsvRow[];
  readonly notes: readonly RosterNote[];
};

/** A table, or why its columns are not understood; and the line of its headings, 0 for none. */
export type FoundTable =
  | { readonly kind: 'table'; readonly headingLine: number; readonly table: RosterTable }
  | { readonly kind: 'refused'; readonly headingLine: number; readonly problem: RosterProblem };

/** What is chosen of one table. */
type TableChoice = Pick<RosterChoice, 'headingLine' | 'columns'>;

/** Rows that may stand above the headings. */
const ABOVE_MAX = 30;
/** Rows of which the width is taken. */
const LOOKED_AT = 1000;
const WORDS_MAX = 10;

/**
 * Finds the headings of a table, and what its columns are: as chosen, else by its headings, else by order and content.
 *
 * @param placeOf names a row in problems
 */
export function findTable(
  rows: readonly CsvRow[],
  placeOf: (row: CsvRow) => string,
  choice: TableChoice,
): FoundTable {
  const guess = guessHeadings(rows);
  const { headingLine: line } = choice;
  const at = line === null ? guess.at : rows.findIndex((row) => row.line === line);
  const heading = rows[at];
  const headingLine = heading?.line ?? 0;
  const refused = (of: RosterProblem): FoundTable => ({ kind: 'refused', headingLine, problem: of });
  if (line !== null && line > 0 && heading === undefined)
    return refused(problem('no-such-row', '', String(line)));
  const below = rows.slice(at + 1);
  const width = widthOf(heading === undefined ? below : [heading, ...below]);
  const kinds = heading?.fields.map(kindOfHeading) ?? [];
  const fault = line === null ? guess.fault : null;
  const found = candidates({ choice, heading, kinds, fault, below, width, placeOf });
  if (found.kind === 'refused') return refused(found.problem);
  const repeated = repeatedHeadings(heading, below);
  const body = below.filter((row) => !repeated.has(row));
  const students = found.students.map((candidate) => settledColumns(candidate, body));
  const columns = Array.from({ length: width }, (_, i): RosterColumn => {
    const use = choice.columns === null ? useOf(i, students) : (choice.columns[i] ?? null);
    return { heading: heading?.fields[i]?.trim() ?? '', use };
  });
  const unused = columns.flatMap((column) =>
    column.use === null && column.heading !== '' ? [column.heading] : [],
  );
  const above = heading === undefined ? [] : rows.slice(0, at).map(placeOf);
  const onRoster = kinds.indexOf('onRoster');
  return {
    kind: 'table',
    headingLine,
    table: {
      ...{ columns, students, onRoster, rows: body },
      notes: [
        ...(heading === undefined && rows.length > 0 ? [{ code: 'no-headings' as const, words: [] }] : []),
        ...noteOf('above-headings', above),
        ...noteOf('columns-unused', unused),
        ...noteOf('rows-left-out', [...repeated].map(placeOf)),
      ],
    },
  };
}

type Candidates =
  | { readonly kind: 'students'; readonly students: readonly CandidateColumns[] }
  | { readonly kind: 'refused'; readonly problem: RosterProblem };

/** What the columns of a table may be, by whoever says it first: the teacher, the headings, the content. */
function candidates(of: {
  readonly choice: TableChoice;
  readonly heading: CsvRow | undefined;
  readonly kinds: readonly (ColumnKind | null)[];
  readonly fault: ProblemCode | null;
  readonly below: readonly CsvRow[];
  readonly width: number;
  placeOf(row: CsvRow): string;
}): Candidates {
  const { choice, heading, kinds, fault, below, width, placeOf } = of;
  const refused = (own: RosterProblem): Candidates => ({ kind: 'refused', problem: own });
  if (choice.columns !== null) {
    const chosen = columnsByChoice(choice.columns);
    if (chosen.kind === 'nameless') return refused(problem('name-not-chosen', ''));
    return chosen.kind === 'twice' ? refused(problem('column-twice', '', chosen.use)) : chosen;
  }
  if (heading !== undefined) {
    if (fault !== null) return refused(problem(fault, placeOf(heading), quoted(heading)));
    const told = columnsByHeadings(kinds, heading.fields);
    if (told.kind === 'nameless')
      return refused(problem('no-name-column', placeOf(heading), quoted(heading)));
    if (told.kind === 'students') return told;
    const twice = heading.fields.find((field, i) => kinds[i] === 'name' && field !== '') ?? '';
    return refused(problem('heading-twice', placeOf(heading), twice));
  }
  const [first] = below;
  if (first === undefined) return { kind: 'students', students: [] };
  const guessed = columnsByContent(below, width);
  if (guessed.length === 0) return refused(problem('no-name-column', placeOf(first), quoted(first)));
  return { kind: 'students', students: guessed };
}

/** Where the headings of a table may be; -1 for none. With a fault where they are not understood. */
function guessHeadings(rows: readonly CsvRow[]): { readonly at: number; readonly fault: ProblemCode | null } {
  const top = rows.slice(0, ABOVE_MAX).map((row) => row.fields.map(kindOfHeading));
  const known = headingRow(top);
  if (known >= 0) return { at: known, fault: null };
  // Headings without one for the names: a row of words of which one at least is a heading that no student is called.
  const nameless = top.findIndex(
    (kinds, at) =>
      kinds.some((kind) => kind !== null && kind !== 'grade') &&
      kinds.length > 1 &&
      (rows[at]?.fields ?? []).every((field) => !/\d/.test(field)),
  );
  if (nameless >= 0 && rows.length > 1) return { at: nameless, fault: 'no-name-column' };
  return looksLikeHeadings(rows) ? { at: 0, fault: 'headings-unknown' } : { at: -1, fault: null };
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

/** Rows that are the headings again: printed lists have them on each page. */
function repeatedHeadings(heading: CsvRow | undefined, rows: readonly CsvRow[]): ReadonlySet<CsvRow> {
  if (heading === undefined) return new Set();
  const asText = ({ fields }: CsvRow): string => fields.map((field) => field.trim()).join('\t');
  const text = asText(heading);
  return new Set(rows.filter((row) => asText(row) === text));
}

/** Columns up to the last one in which something stands. */
function widthOf(rows: readonly CsvRow[]): number {
  return rows.slice(0, LOOKED_AT).reduce((most, { fields }) => {
    return Math.max(most, fields.findLastIndex((field) => field.trim() !== '') + 1);
  }, 0);
}

function quoted(row: CsvRow): string {
  return row.fields
    .filter((field) => field.trim() !== '')
    .slice(0, 6)
    .map((field) => `"${field.trim().slice(0, 20)}"`)
    .join(', ');
}

function noteOf(code: RosterNote['code'], words: readonly string[]): readonly RosterNote[] {
  return words.length === 0 ? [] : [{ code, words: words.slice(0, WORDS_MAX) }];
}
