import type { RosterEntry } from '../ledger/ledger.ts';
import { isRecord } from '../protocol/checked.ts';
import type { ProblemCode, RosterColumn, RosterNote, RosterProblem } from '../protocol/roster-preview.ts';
import { decodeText } from './decode-text.ts';
import { parseCsv } from './parse-csv.ts';
import { readTable, type SourceTable } from './read-table.ts';
import { checkEntries, type RawEntry } from './roster-entries.ts';
import { problem } from './roster-problem.ts';
import { readWorkbook } from './xlsx/read-workbook.ts';

/** A class list as it was understood, or why it was not. */
export type RosterReading =
  | {
      readonly kind: 'roster';
      readonly entries: readonly RosterEntry[];
      /** Of the first sheet that was read. */
      readonly columns: readonly RosterColumn[];
      readonly notes: readonly RosterNote[];
    }
  | { readonly kind: 'refused'; readonly problem: RosterProblem };

const WORDS_MAX = 10;

/**
 * Reads a class list from a file: an Excel workbook (.xlsx), or CSV in any encoding that can be told. Which of them it is follows
 * from the bytes: browsers and scripts often name another type.
 *
 * @param charset of the Content-Type; null for none
 */
export async function readRoster(bytes: Uint8Array, charset: string | null): Promise<RosterReading> {
  const code = formatOf(bytes);
  if (code === 'zip') return readExcel(bytes);
  if (code !== null) return { kind: 'refused', problem: problem(code, '') };
  const decoded = decodeText(bytes, charset);
  if (decoded.kind === 'refused') return decoded;
  const reading = readRosterCsv(decoded.text);
  if (reading.kind === 'refused' || decoded.guessed === null) return reading;
  return { ...reading, notes: [{ code: 'encoding-guessed', words: [decoded.guessed] }, ...reading.notes] };
}

/**
 * Reads a class list from CSV (RFC 4180; also with semicolons or tabs, as some spreadsheets write it).
 *
 * @param text with or without byte order mark; without any text the list is empty
 */
export function readRosterCsv(text: string): RosterReading {
  const parsed = parseCsv(text);
  if (parsed.kind === 'refused') return parsed;
  return readTables([{ sheet: '', rows: parsed.rows, faultAt: () => null }], []);
}

/** Reads a class list from JSON: a list of `{id, name, group?}`. */
export function readRosterJson(value: unknown): RosterReading {
  if (!Array.isArray(value)) return { kind: 'refused', problem: problem('not-a-list', '') };
  const entries: RawEntry[] = [];
  for (const [i, entry] of value.entries()) {
    const place = `entry ${i}`;
    if (!isRecord(entry)) return { kind: 'refused', problem: problem('not-an-object', place) };
    // Left out, it is wrong; null has a meaning in a table alone.
    entries.push({ place, id: entry['id'] ?? undefined, name: entry['name'], group: entry['group'] ?? '' });
  }
  return rosterOf(entries, [], []);
}

async function readExcel(bytes: Uint8Array): Promise<RosterReading> {
  const workbook = await readWorkbook(bytes);
  if (workbook.kind === 'refused') {
    return { kind: 'refused', problem: problem(workbook.code, '', workbook.reason) };
  }
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
  if (tables.length === 0) return { kind: 'refused', problem: problem('nobody', '') };
  return readTables(tables, workbook.hidden);
}

/** Of several sheets those with headings are read, each for the class that it is named after where it has no column of classes. */
function readTables(tables: readonly SourceTable[], hidden: readonly string[]): RosterReading {
  const read = tables.map((table) => ({ table, result: readTable(table) }));
  const withHeadings = read.filter(({ result }) => result.kind === 'refused' || result.hasHeadings);
  const taken = tables.length === 1 || withHeadings.length === 0 ? read.slice(0, 1) : withHeadings;
  const entries: RawEntry[] = [];
  const notes: RosterNote[] = [];
  let columns: readonly RosterColumn[] = [];
  for (const { table, result } of taken) {
    if (result.kind === 'refused') return result;
    if (columns.length === 0) columns = result.columns;
    const isClass = taken.length > 1 && result.entries.every(({ group }) => group === '');
    for (const entry of result.entries) entries.push(isClass ? { ...entry, group: table.sheet } : entry);
    notes.push(...result.notes);
  }
  if (taken.length > 1) notes.push({ code: 'sheets', words: wordsOf(taken.map(({ table }) => table.sheet)) });
  const out = read.filter((one) => !taken.includes(one)).map(({ table }) => table.sheet);
  if (out.length + hidden.length > 0)
    notes.push({ code: 'sheets-left-out', words: wordsOf([...out, ...hidden]) });
  const hasRows = tables.some(({ rows }) => rows.length > 0);
  if (hasRows && entries.length === 0) return { kind: 'refused', problem: problem('nobody', '') };
  return rosterOf(entries, columns, notes);
}

function rosterOf(
  list: readonly RawEntry[],
  columns: readonly RosterColumn[],
  notes: readonly RosterNote[],
): RosterReading {
  const checked = checkEntries(list);
  if (checked.kind === 'refused') return checked;
  const { entries, areIdsOfClasses } = checked;
  const all: readonly RosterNote[] = areIdsOfClasses
    ? [...notes, { code: 'ids-with-class', words: [] }]
    : notes;
  return { kind: 'roster', entries, columns, notes: all };
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
