import type { RosterEntry } from '../ledger/ledger.ts';
import { bad, type Checked, checkText, good, isRecord } from '../protocol/checked.ts';
import { LIMITS } from '../protocol/limits.ts';
import { parseCsv } from './parse-csv.ts';

/** Most entries of one class list: the students of a city may watch the same lecture. */
export const ROSTER_MAX = 100_000;
const ID_LENGTH = 64;
const GROUP_LENGTH = 60;

/** Names that schools give their columns, in lower case. */
const COLUMNS: Readonly<Record<'id' | 'name' | 'group', readonly string[]>> = {
  id: ['id', 'number', 'no', 'no.', 'student id', 'studentid', 'sub', '学号', '编号', '序号'],
  name: ['name', 'student', 'student name', 'full name', '姓名', '名字', '学生', '学生姓名'],
  group: ['group', 'class', '班级', '班', '组', '小组'],
};

/**
 * Reads a class list from CSV (RFC 4180; also with semicolons or tabs, as some spreadsheets write it). The first line may name
 * the columns. Without such a line, one column is the name, two are id and name, three are id, name and group.
 *
 * @param text with or without byte order mark
 * @returns a reason that names line and value of the first error
 */
export function readRosterCsv(text: string): Checked<readonly RosterEntry[]> {
  const rows = parseCsv(text);
  if (!rows.ok) return rows;
  const [first, ...rest] = rows.value;
  if (first === undefined) return good([]);
  const named = columnsOf(first.fields);
  const columns = named ?? columnsByCount(first.fields.length);
  const entries: { place: string; id: unknown; name: unknown; group: unknown }[] = [];
  for (const { fields, line } of named === null ? rows.value : rest) {
    const at = (column: number): string => fields[column]?.trim() ?? '';
    const name = at(columns.name);
    // Without a column of ids the name is the id.
    const id = columns.id < 0 ? name : at(columns.id);
    entries.push({ place: `line ${line}`, id, name, group: at(columns.group) });
  }
  return checkEntries(entries);
}

/** Reads a class list from JSON: a list of `{id, name, group?}`. */
export function readRosterJson(value: unknown): Checked<readonly RosterEntry[]> {
  if (!Array.isArray(value)) return bad('roster: want a list');
  const entries: { place: string; id: unknown; name: unknown; group: unknown }[] = [];
  for (const [i, entry] of value.entries()) {
    if (!isRecord(entry)) return bad(`entry ${i}: want an object`);
    entries.push({ place: `entry ${i}`, id: entry['id'], name: entry['name'], group: entry['group'] ?? '' });
  }
  return checkEntries(entries);
}

function checkEntries(
  list: readonly {
    readonly place: string;
    readonly id: unknown;
    readonly name: unknown;
    readonly group: unknown;
  }[],
): Checked<readonly RosterEntry[]> {
  if (list.length > ROSTER_MAX) return bad(`roster: ${list.length} entries, want at most ${ROSTER_MAX}`);
  const places = new Map<string, string>();
  const entries: RosterEntry[] = [];
  for (const { place, id, name, group } of list) {
    const checkedName = checkText(`${place}: name`, name, LIMITS.nameLength);
    if (!checkedName.ok) return checkedName;
    const checkedId = checkText(`${place}: id`, id, ID_LENGTH);
    if (!checkedId.ok) return checkedId;
    const checkedGroup = group === '' ? good('') : checkText(`${place}: group`, group, GROUP_LENGTH);
    if (!checkedGroup.ok) return checkedGroup;
    const before = places.get(checkedId.value);
    if (before !== undefined) {
      return bad(`${place}: id ${JSON.stringify(checkedId.value)} is in ${before} already`);
    }
    places.set(checkedId.value, place);
    entries.push({ id: checkedId.value, name: checkedName.value, group: checkedGroup.value });
  }
  return good(entries);
}

type Columns = { readonly id: number; readonly name: number; readonly group: number };

function columnsOf(fields: readonly string[]): Columns | null {
  const heads = fields.map((field) => field.trim().toLowerCase());
  const find = (of: keyof typeof COLUMNS): number => heads.findIndex((head) => COLUMNS[of].includes(head));
  const name = find('name');
  return name < 0 ? null : { id: find('id'), name, group: find('group') };
}

function columnsByCount(count: number): Columns {
  return count === 1 ? { id: -1, name: 0, group: -1 } : { id: 0, name: 1, group: 2 };
}
