import type { RosterColumn, RosterRow, RosterTableView } from '../protocol/roster-preview.ts';
import type { CsvRow } from './parse-csv.ts';
import type { SourceTable } from './read-table.ts';

/** Rows in which headings may be chosen. */
const TOP_MAX = 12;
/** Rows that are shown below the headings. */
const ROWS_MAX = 5;
/** UTF-16 code units of a cell. */
const CELL_MAX = 60;

/**
 * A table as a teacher sees it who chooses columns.
 *
 * @param tables all of the file
 * @param shown the one that is shown
 * @param read.columns [] where they were not understood
 * @param uses what was chosen of the columns; shown where they were not understood
 */
export function tableView(
  tables: readonly SourceTable[],
  shown: SourceTable,
  read: { readonly headingLine: number; readonly columns: readonly RosterColumn[] },
  uses: readonly RosterColumn['use'][],
): RosterTableView {
  const { sheet, rows } = shown;
  const { headingLine } = read;
  const at = headingLine === 0 ? -1 : rows.findIndex(({ line }) => line === headingLine);
  const heading = rows[at];
  const below = rows.slice(at + 1, at + 1 + ROWS_MAX).map(rowView);
  const width = Math.max(heading?.fields.length ?? 0, ...below.map(({ cells }) => cells.length));
  const unread = Array.from({ length: width }, (_, i): RosterColumn => {
    return { heading: (heading?.fields[i] ?? '').trim(), use: uses[i] ?? null };
  });
  const columns = (read.columns.length === 0 ? unread : read.columns).map(({ heading: text, use }) => {
    return { heading: text.slice(0, CELL_MAX), use };
  });
  return {
    sheets: tables.length === 1 && sheet === '' ? [] : tables.map((table) => table.sheet),
    ...{ sheet, headingLine, top: rows.slice(0, TOP_MAX).map(rowView), columns, rows: below },
  };
}

function rowView({ line, fields }: CsvRow): RosterRow {
  return { line, cells: fields.map((field) => field.replaceAll(/\s+/gu, ' ').trim().slice(0, CELL_MAX)) };
}
