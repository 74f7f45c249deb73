import type {
  NoteCode,
  ProblemCode,
  RosterColumn,
  RosterNote,
  RosterProblem,
} from '../protocol/roster-preview.ts';
import type { RosterChoice } from '../protocol/roster-choice.ts';
import { cellText } from './cell-text.ts';
import type { CsvRow } from './parse-csv.ts';
import { findTable } from './roster-columns.ts';
import type { RawEntry } from './roster-entries.ts';
import { problem } from './roster-problem.ts';
import type { StudentColumns } from './student-columns.ts';

/** A table of a file: rows of a text, or of a sheet. */
export type SourceTable = {
  /** '' for a text. */
  readonly sheet: string;
  readonly rows: readonly CsvRow[];
  /** What is wrong with a cell of a sheet; it matters only where the cell is used. */
  faultAt(line: number, column: number): { readonly fault: ProblemCode; readonly shown: string } | null;
};

/** Raw entries of a table, or why it is not understood; and the line of its headings, 0 for none. */
export type ReadTable = { readonly headingLine: number } & (
  | {
      readonly kind: 'read';
      readonly entries: readonly RawEntry[];
      readonly columns: readonly RosterColumn[];
      readonly notes: readonly RosterNote[];
    }
  | {
      readonly kind: 'refused';
      readonly problem: RosterProblem;
      /** Where they were understood. */
      readonly columns: readonly RosterColumn[];
    }
);

/** Most words of a note. */
const WORDS_MAX = 10;
/** What lines below a list, and lines that systems put into it, begin with. */
const TOTALS =
  /^(?:合计|合計|总计|總計|共计|共計|小计|小計|总人数|總人數|总数|人数|人數|应到|实到|平均|备注|備註|说明|說明|注意|注[:：]|填表|制表|审核|班主任|打印|导出|日期[:：]|(?:本班|全班|全校|全年级)(?:共|总|人数|应|合|平均|[:：]|\d)|[男女](?:[:：]|生(?:[:：]|\d|人数|合计|总数|共))|共 ?\d+ ?[人名位]|第 ?\d+ ?页)/u;
const TOTALS_IN_ENGLISH =
  /^(?:grand total|sub ?total|total|sum|count|overall average|class average|average|mean|points possible|points|date|note|notes|remarks?|printed|exported|page \d+)\b[\s\d:.,/-]*/i;
/** Students that systems invent. */
const TEST_STUDENTS = /^(?:student, test|test student)$/i;
/** A class that a spreadsheet may have taken for a date. */
const DATE_LIKE =
  /^(?:\d{1,2}月\d{1,2}日|\d{1,2}-(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*-\d{1,2}|\d{4}[-/年]\d{1,2}[-/月]\d{1,2}日?)$/i;
/** Lines that are drawn: between headings and rows, or above a total. */
const RULE = /^[-–—―_=*.·…:|+~─━]+$/u;
const INEXACT = /^\d(?:\.\d+)?e\+\d+$/i;
const JOINED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}·]+$/u;

/** Reads the students of a table. */
export function readTable(
  { sheet, rows, faultAt }: SourceTable,
  choice: Pick<RosterChoice, 'headingLine' | 'columns'>,
): ReadTable {
  const placeOf = ({ line }: CsvRow): string => (sheet === '' ? `line ${line}` : `"${sheet}" row ${line}`);
  const found = findTable(rows, placeOf, choice);
  if (found.kind === 'refused') return { ...found, columns: [] };
  const { table, headingLine } = found;
  const refused = (of: RosterProblem): ReadTable => {
    return { kind: 'refused', headingLine, problem: of, columns: table.columns };
  };
  const notes = new Notes(table.notes);
  const entries: RawEntry[] = [];
  for (const block of table.students) {
    const { ids } = block;
    const used = [...ids, block.name, block.family, block.given];
    const wholes = wholeColumns(table.rows, [...ids, block.group, block.grade]);
    for (const row of table.rows) {
      const at = (column: number): string => {
        const text = cellText(row.fields[column]);
        return wholes.has(column) ? text.replace(WHOLE, '$1') : text;
      };
      if (table.onRoster >= 0 && /^(?:no|否)$/i.test(at(table.onRoster))) {
        notes.count('strangers-left-out');
        continue;
      }
      // Of two students a row the second may be missing.
      if (used.every((column) => at(column) === '')) {
        if (table.students.length === 1)
          notes.add('rows-left-out', `${placeOf(row)} "${row.fields.find(isFilled)?.trim() ?? ''}"`);
        continue;
      }
      const name = nameOf(block, at);
      const id = idOf(ids, at, () => notes.add('other-id-column', placeOf(row)));
      if (isRemark(row, ids.length > 0, name, id)) {
        notes.add('rows-left-out', `${placeOf(row)} "${row.fields.find(isFilled)?.trim() ?? ''}"`);
        continue;
      }
      for (const [what, column] of [
        ...ids.map((id) => ['id', id] as const),
        ...[block.name, block.family, block.given].map((part) => ['name', part] as const),
        ...[block.group, block.grade].map((part) => ['group', part] as const),
      ]) {
        const found = faultAt(row.line, column);
        if (found !== null) return refused(problem(found.fault, placeOf(row), what, found.shown));
      }
      const group = groupOf(at(block.group), at(block.grade));
      if (id !== null && INEXACT.test(id)) return refused(problem('number-inexact', placeOf(row), 'id', id));
      if (DATE_LIKE.test(group)) notes.add('dates-as-classes', `${placeOf(row)} "${group}"`);
      entries.push({ place: placeOf(row), id, name, group });
    }
  }
  if (entries.length > 0 && entries.every(({ id }) => id === null)) notes.count('names-as-ids');
  return { kind: 'read', headingLine, entries, columns: table.columns, notes: notes.all };
}

/** Notes by code, with at most ten words each. */
class Notes {
  readonly #words = new Map<NoteCode, string[]>();
  readonly #counts = new Map<NoteCode, number>();

  constructor(notes: readonly RosterNote[]) {
    for (const { code, words } of notes) this.#words.set(code, [...words]);
  }

  get all(): readonly RosterNote[] {
    return [
      ...[...this.#words].map(([code, words]) => ({ code, words })),
      ...[...this.#counts].map(([code, count]) => ({ code, words: [String(count)] })),
    ];
  }

  add(code: NoteCode, word: string): void {
    const words = this.#words.get(code) ?? [];
    if (words.length < WORDS_MAX) words.push(word.slice(0, 80));
    this.#words.set(code, words);
  }

  count(code: NoteCode): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
  }
}

function idOf(
  columns: readonly number[],
  at: (column: number) => string,
  onOther: () => void,
): string | null {
  if (columns.length === 0) return null;
  const [first = -1, ...others] = columns;
  const id = at(first);
  if (id !== '') return idText(id);
  const other = others.map(at).find((text) => text !== '');
  if (other === undefined) return '';
  onOther();
  return idText(other);
}

/** A number in ASCII digits; without the signs that keep it a text in spreadsheets. */
function idText(text: string): string {
  return text.normalize('NFKC').trim();
}

function nameOf(block: StudentColumns, at: (column: number) => string): string {
  const name = at(block.name);
  if (name !== '') return name;
  const [family, given] = [at(block.family), at(block.given)];
  const middle = at(block.middle);
  const parts = [given, middle, family].filter((part) => part !== '');
  // In Chinese, Japanese and Korean the family name is in front, and nothing stands between the two.
  return parts.every((part) => JOINED.test(part)) ? `${family}${given}` : parts.join(' ');
}

/** Grade and class together, where the class does not name the grade: 七年级 and 1班 are 七年级1班. */
function groupOf(group: string, grade: string): string {
  // "Grade" may be a mark as well.
  const isGrade = /^(?:1[0-2]|[1-9])$|年[级級]|grade|year|[小初高][一二三四五六]|класс/iu.test(grade);
  if (!isGrade) return group;
  if (group === '' || group.startsWith(grade)) return group === '' ? grade : group;
  // "3-1" and "七1班" name their grades themselves.
  if (!/^(?:\d{1,2}|[一二三四五六七八九十]{1,3})(?: ?班)?$|^[a-z]$/iu.test(group)) return group;
  return /\p{Script=Han}/u.test(grade + group) ? `${grade}${group}` : `${grade} ${group}`;
}

/** A whole number as programs write it that take every number for a fraction: `20240101.0`. */
const WHOLE = /^(\d+)\.0+$/;

/** Of some columns those in which every number is one of {@link WHOLE}. */
function wholeColumns(rows: readonly CsvRow[], columns: readonly number[]): ReadonlySet<number> {
  return new Set(
    columns.filter((column) => {
      const numbers = rows.map(({ fields }) => cellText(fields[column])).filter((text) => /^\d/.test(text));
      return numbers.length > 0 && numbers.every((text) => WHOLE.test(text));
    }),
  );
}

/** Totals, remarks and students that systems invent. */
function isRemark(row: CsvRow, hasIds: boolean, name: string, id: string | null): boolean {
  const first = row.fields.find(isFilled)?.trim() ?? '';
  if (TEST_STUDENTS.test(name)) return true;
  if (row.fields.every((field) => !isFilled(field) || RULE.test(field.trim()))) return true;
  if (TOTALS.test(first.normalize('NFKC'))) return true;
  const hasId = id !== null && id !== '' && id !== first;
  if (hasId || !TOTALS_IN_ENGLISH.test(first)) return false;
  // A student may be called "Sum" or "Date": one without a number where others have one, or a word with a number behind it.
  return hasIds || /\d\s*$/.test(first);
}

function isFilled(field: string): boolean {
  return field.trim() !== '';
}
