import { isFiniteNumber, isRecord } from './checked.ts';

/** Why a class list is not taken. */
export const PROBLEM_CODES = [
  'encoding-unknown',
  'encoding-wrong',
  'charset-unknown',
  'characters-lost',
  'excel-old',
  'excel-binary',
  'open-document',
  'web-page',
  'pdf',
  'other-file',
  'not-a-workbook',
  'workbook-too-large',
  'quote-open',
  'quote-closed-early',
  'too-many-columns',
  'no-name-column',
  'headings-unknown',
  'heading-twice',
  'name-not-chosen',
  'column-twice',
  'no-such-row',
  'no-such-sheet',
  'empty',
  'too-long',
  'bad-characters',
  'id-twice',
  'name-twice',
  'date',
  'number-inexact',
  'formula-empty',
  'cell-error',
  'too-many',
  'nobody',
  'not-a-list',
  'not-an-object',
  'not-text',
] as const;
/** One of {@link PROBLEM_CODES}. */
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** Why a class list is not taken, and where. */
export type RosterProblem = {
  readonly code: ProblemCode;
  /** `line 3`, `"7-1" row 3`, `entry 2`; '' for the whole list. */
  readonly place: string;
  /** What stands there, what is wanted: the words of the sentence, by code. */
  readonly words: readonly string[];
};

/** What is to be known of a class list that is taken. */
export const NOTE_CODES = [
  /** Words: the encoding that was found. */
  'encoding-guessed',
  /** There are no headings: the columns are taken by their order and content. */
  'no-headings',
  /** Words: places of rows above the headings. */
  'above-headings',
  /** Words: headings whose columns are not used. */
  'columns-unused',
  /** Words: totals, remarks and repeated headings that are left out. */
  'rows-left-out',
  /** Words: how many rows of an export are left out because they are not on the class list. */
  'strangers-left-out',
  /** Nothing numbers the students: their names do. */
  'names-as-ids',
  /** Each class counts from 1: class and number together are the id. */
  'ids-with-class',
  /** Words: places where another column gave the number. */
  'other-id-column',
  /** Words: places of classes that look as if a spreadsheet had made a date of them. */
  'dates-as-classes',
  /** Words: sheets that were read. */
  'sheets',
  /** Words: sheets that are left out. */
  'sheets-left-out',
] as const;
/** One of {@link NOTE_CODES}. */
export type NoteCode = (typeof NOTE_CODES)[number];

/** A note about a class list; its words are at most ten. */
export type RosterNote = { readonly code: NoteCode; readonly words: readonly string[] };

/** What a column is taken for. */
export const COLUMN_USES = ['id', 'name', 'family', 'given', 'middle', 'group', 'grade'] as const;
/** A column of a class list: its heading ('' without headings), and what it is used for; null for nothing. */
export type RosterColumn = { readonly heading: string; readonly use: (typeof COLUMN_USES)[number] | null };

/** A row of a class list as it stands in the file; its cells are cut at 60 UTF-16 code units. */
export type RosterRow = { readonly line: number; readonly cells: readonly string[] };

/** A class list as a table, so that other columns can be chosen: of several sheets the first that is read. */
export type RosterTableView = {
  /** Visible sheets with something in them; none for a text. */
  readonly sheets: readonly string[];
  /** '' for a text. */
  readonly sheet: string;
  /** The line of the headings; 0 without. */
  readonly headingLine: number;
  /** The first rows, at most twelve: one of them may have the headings. */
  readonly top: readonly RosterRow[];
  readonly columns: readonly RosterColumn[];
  /** The first rows below the headings, at most five. */
  readonly rows: readonly RosterRow[];
};

/** A class list before it is taken: how it was understood. */
export type RosterPreview = {
  /** Null where the file is no table. */
  readonly table: RosterTableView | null;
} & (
  | {
      readonly kind: 'readable';
      readonly size: number;
      /** Of the first sheet. */
      readonly columns: readonly RosterColumn[];
      /** The first entries, at most ten. */
      readonly entries: readonly { readonly id: string; readonly name: string; readonly group: string }[];
      readonly notes: readonly RosterNote[];
    }
  | {
      readonly kind: 'refused';
      readonly problem: RosterProblem;
      /** The problem as a sentence in English. */
      readonly message: string;
    }
);

/** Reads a preview; null where it is not valid. Notes of newer servers are left out. */
export function readRosterPreview(value: unknown): RosterPreview | null {
  if (!isRecord(value)) return null;
  const { kind, message } = value;
  const table = readTableView(value['table']);
  if (kind === 'refused') {
    const raw = isRecord(value['problem']) ? value['problem'] : {};
    const code = PROBLEM_CODES.find((known) => known === raw['code']);
    if (typeof message !== 'string') return null;
    const { place } = raw;
    const problem = { place: typeof place === 'string' ? place : '', words: textsOf(raw['words']) };
    // What a newer server says has a sentence all the same.
    return { kind, problem: { code: code ?? 'not-a-workbook', ...problem }, message, table };
  }
  const { size, columns, entries, notes } = value;
  if (kind !== 'readable' || !isFiniteNumber(size) || !Array.isArray(columns)) return null;
  if (!Array.isArray(entries) || !Array.isArray(notes)) return null;
  return {
    ...{ kind, size, table },
    columns: columnsOf(columns),
    entries: entries.filter(isRecord).map(({ id, name, group }) => ({
      id: textOf(id),
      name: textOf(name),
      group: textOf(group),
    })),
    notes: notes.filter(isRecord).flatMap((note): RosterNote[] => {
      const code = NOTE_CODES.find((known) => known === note['code']);
      return code === undefined ? [] : [{ code, words: textsOf(note['words']) }];
    }),
  };
}

/** A server up to 0.2.0 sends none. */
function readTableView(value: unknown): RosterTableView | null {
  if (!isRecord(value)) return null;
  const { sheet, sheets, headingLine, top, columns, rows } = value;
  return {
    ...{ sheet: textOf(sheet), sheets: textsOf(sheets) },
    headingLine: isFiniteNumber(headingLine) ? headingLine : 0,
    ...{ top: rowsOf(top), columns: columnsOf(columns), rows: rowsOf(rows) },
  };
}

function rowsOf(value: unknown): readonly RosterRow[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).flatMap(({ line, cells }): RosterRow[] => {
    return isFiniteNumber(line) ? [{ line, cells: textsOf(cells) }] : [];
  });
}

function columnsOf(value: unknown): readonly RosterColumn[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map(({ heading, use }) => ({
    heading: textOf(heading),
    use: COLUMN_USES.find((known) => known === use) ?? null,
  }));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
