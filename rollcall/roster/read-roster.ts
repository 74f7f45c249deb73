import type { RosterEntry } from '../ledger/ledger.ts';
import { isRecord } from '../protocol/checked.ts';
import { NOTHING_CHOSEN, type RosterChoice } from '../protocol/roster-choice.ts';
import type {
  ProblemCode,
  RosterColumn,
  RosterNote,
  RosterProblem,
  RosterTableView,
} from '../protocol/roster-preview.ts';
import { decodeText } from './decode-text.ts';
import { numberedLines } from './numbered-lines.ts';
import { otherFileOf } from './other-file.ts';
import { parseCsv } from './parse-csv.ts';
import { readTable, type SourceTable } from './read-table.ts';
import { checkEntries, type RawEntry } from './roster-entries.ts';
import { problem } from './roster-problem.ts';
import { tableView } from './table-view.ts';
import { readWorkbook } from './xlsx/read-workbook.ts';

/** A class list as it was understood, or why it was not. */
export type RosterReading = {
  /** Null where the file is no table. */
  readonly table: RosterTableView | null;
} & (
  | {
      readonly kind: 'roster';
      readonly entries: readonly RosterEntry[];
      /** Of the first sheet that was read. */
      readonly columns: readonly RosterColumn[];
      readonly notes: readonly RosterNote[];
    }
  | { readonly kind: 'refused'; readonly problem: RosterProblem }
);

const WORDS_MAX = 10;

/**
 * Reads a class list from a file: an Excel workbook (.xlsx), or CSV in any encoding that can be told. Which of them it is follows
 * from the bytes: browsers and scripts often name another type.
 *
 * @param charset of the Content-Type; null for none
 * @param choice what a teacher has chosen; the rest is guessed
 */
export async function readRoster(
  bytes: Uint8Array,
  charset: string | null,
  choice = NOTHING_CHOSEN,
): Promise<RosterReading> {
  const code = formatOf(bytes);
  if (code === 'zip') return readExcel(bytes, choice);
  if (code !== null) return refused(problem(code, ''));
  const other = otherFileOf(bytes);
  if (other !== null) return refused(problem('other-file', '', other));
  const decoded = decodeText(bytes, charset);
  if (decoded.kind === 'refused') return refused(decoded.problem);
  const reading = readRosterCsv(decoded.text, choice);
  if (reading.kind === 'refused' || decoded.guessed === null) return reading;
  return { ...reading, notes: [{ code: 'encoding-guessed', words: [decoded.guessed] }, ...reading.notes] };
}

/**
 * Reads a class list from CSV (RFC 4180; also with semicolons or tabs, as some spreadsheets write it).
 *
 * @param text with or without byte order mark; without any text the list is empty
 */
export function readRosterCsv(text: string, choice = NOTHING_CHOSEN): RosterReading {
  const parsed = parseCsv(text);
  if (parsed.kind === 'refused') return refused(parsed.problem);
  const numbered = numberedLines(parsed.rows);
  const rows = numbered?.rows ?? parsed.rows;
  const reading = readTables([{ sheet: '', rows, faultAt: () => null }], [], choice);
  if (reading.kind === 'refused' || numbered === null || numbered.above.length === 0) return reading;
  const words = wordsOf(
    numbered.above.map(({ line, fields: [text = ''] }) => `line ${line} "${text.slice(0, 60)}"`),
  );
  return { ...reading, notes: mergedNotes([...reading.notes, { code: 'rows-left-out', words }]) };
}

/** Reads a class list from JSON: a list of `{id, name, group?}`. */
export function readRosterJson(value: unknown): RosterReading {
  if (!Array.isArray(value)) return refused(problem('not-a-list', ''));
  const entries: RawEntry[] = [];
  for (const [i, entry] of value.entries()) {
    const place = `entry ${i}`;
    if (!isRecord(entry)) return refused(problem('not-an-object', place));
    // Left out, it is wrong; null has a meaning in a table alone.
    entries.push({ place, id: entry['id'] ?? undefined, name: entry['name'], group: entry['group'] ?? '' });
  }
  return rosterOf(entries, [], [], null);
}

async function readExcel(bytes: Uint8Array, choice: RosterChoice): Promise<RosterReading> {
  const workbook = await readWorkbook(bytes);
  if (workbook.kind === 'refused') return refused(problem(workbook.code, '', workbook.reason));
  const tables = workbook.sheets
    .filter(({ rows }) => rows.length > 0)
    .map(({ name, rows }): SourceTable => {
      const byLine = new Map(rows.map(({ line, cells }) => [line, cells]));
      return {
        sheet: name,
        rows: rows.map(({ line, cells }) => {
          return { line, fields: cells.map((cell) => (typeof cell === 'string' ? cell : cell.shown)) };
        }),
        faultAt: (line, column) => {
          const cell = byLine.get(line)?.[column];
          return cell === undefined || typeof cell === 'string' ? null : cell;
        },
      };
    });
  if (tables.length === 0) return refused(problem('nobody', ''));
  return readTables(tables, workbook.hidden, choice);
}

/**
 * Of several sheets those with headings are read, each for the class that it is named after where it has no column of classes.
 * What is chosen of headings and columns is chosen of the first of them, and of those with the same headings.
 */
function readTables(
  tables: readonly SourceTable[],
  hidden: readonly string[],
  choice: RosterChoice,
): RosterReading {
  const wanted = tables.filter(({ sheet }) => choice.sheet === null || sheet === choice.sheet);
  const read = wanted.map((table) => ({ table, result: readTable(table, NOTHING_CHOSEN) }));
  const withHeadings = read.filter(({ result }) => result.kind === 'refused' || result.headingLine > 0);
  const guessed = read.length === 1 || withHeadings.length === 0 ? read.slice(0, 1) : withHeadings;
  const [shown] = guessed;
  if (shown === undefined) return refused(problem('no-such-sheet', '', choice.sheet ?? ''));
  const line = choice.headingLine ?? shown.result.headingLine;
  const isChosen = choice.headingLine !== null || choice.columns !== null;
  const taken = guessed.map((one) => {
    const isAlike = isChosen && (one === shown || haveSameHeadings(one.table, shown.table, line));
    return { table: one.table, result: isAlike ? readTable(one.table, choice) : one.result };
  });
  const view = tableView(tables, shown.table, taken[0]?.result ?? shown.result, choice.columns ?? []);
  const entries: RawEntry[] = [];
  const notes: RosterNote[] = [];
  for (const { table, result } of taken) {
    if (result.kind === 'refused') return refused(result.problem, view);
    const isClass = taken.length > 1 && result.entries.every(({ group }) => group === '');
    for (const entry of result.entries) entries.push(isClass ? { ...entry, group: table.sheet } : entry);
    notes.push(...result.notes);
  }
  if (taken.length > 1) notes.push({ code: 'sheets', words: wordsOf(taken.map(({ table }) => table.sheet)) });
  const out = tables.filter((one) => !taken.some(({ table }) => table === one)).map(({ sheet }) => sheet);
  if (out.length + hidden.length > 0)
    notes.push({ code: 'sheets-left-out', words: wordsOf([...out, ...hidden]) });
  const hasRows = tables.some(({ rows }) => rows.length > 0);
  if (hasRows && entries.length === 0) return refused(problem('nobody', ''), view);
  return rosterOf(entries, view.columns, mergedNotes(notes), view);
}

/** One note of each code: sheets are much alike. */
function mergedNotes(notes: readonly RosterNote[]): readonly RosterNote[] {
  const merged = new Map<RosterNote['code'], readonly string[]>();
  for (const { code, words } of notes) {
    const before = merged.get(code) ?? [];
    const all = [...before, ...words];
    const sum = String(all.reduce((count, word) => count + Number(word), 0));
    merged.set(code, code === 'strangers-left-out' ? [sum] : wordsOf([...new Set(all)]));
  }
  return [...merged].map(([code, words]) => ({ code, words }));
}

function haveSameHeadings(one: SourceTable, other: SourceTable, line: number): boolean {
  const textOf = ({ rows }: SourceTable): string | undefined =>
    rows
      .find((row) => row.line === line)
      ?.fields.map((field) => field.trim())
      .join('\t');
  const text = textOf(one);
  return text !== undefined && text === textOf(other);
}

function rosterOf(
  list: readonly RawEntry[],
  columns: readonly RosterColumn[],
  notes: readonly RosterNote[],
  table: RosterTableView | null,
): RosterReading {
  const checked = checkEntries(list);
  if (checked.kind === 'refused') return refused(checked.problem, table);
  const { entries, areIdsOfClasses } = checked;
  const all: readonly RosterNote[] = areIdsOfClasses
    ? [...notes, { code: 'ids-with-class', words: [] }]
    : notes;
  return { kind: 'roster', entries, columns, notes: all, table };
}

function refused(of: RosterProblem, table: RosterTableView | null = null): RosterReading {
  return { kind: 'refused', problem: of, table };
}

/** What a file is by its first bytes; null for text. */
function formatOf(bytes: Uint8Array): 'zip' | ProblemCode | null {
  const [a, b, c, d] = bytes;
  if (a === 0x50 && b === 0x4b && c !== undefined && c <= 8) return 'zip';
  if (a === 0xd0 && b === 0xcf && c === 0x11 && d === 0xe0) return 'excel-old';
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 1024)).replaceAll('\0', '');
  if (head.startsWith('%PDF')) return 'pdf';
  // Records of Excel 2 to 4, which have no container.
  if (a === 0x09 && (b === 0x00 || b === 0x02 || b === 0x04) && d === 0x00) return 'excel-old';
  if (/^\W*<(?:!doctype|html|table|head|meta|\?xml|div|style)\b/i.test(head)) return 'web-page';
  return null;
}

function wordsOf(words: readonly string[]): readonly string[] {
  return words.slice(0, WORDS_MAX);
}
