import { COLUMN_USES, type RosterColumn } from './roster-preview.ts';

/** How a class list is to be read, where a teacher knows it better than the guess. */
export type RosterChoice = {
  /** The one sheet of a workbook that is read; null for all that have headings. */
  readonly sheet: string | null;
  /** The line of the headings, from 1; 0 where there are none; null for the guess. */
  readonly headingLine: number | null;
  /** What each column is taken for, from the left; columns beyond are not used. Null for the guess. */
  readonly columns: readonly RosterColumn['use'][] | null;
};

/** Everything is guessed. */
export const NOTHING_CHOSEN: RosterChoice = { sheet: null, headingLine: null, columns: null };

/** Most columns of a class list. */
export const COLUMNS_MAX = 256;

const USE = `(?:${COLUMN_USES.join('|')})?`;
/** The uses of columns as a text: `id,name,,group`. */
export const COLUMNS_PATTERN = new RegExp(`^${USE}(?:,${USE}){0,${COLUMNS_MAX - 1}}$`);

/** Reads the uses of columns from a text that matches {@link COLUMNS_PATTERN}; other words are columns that are not used. */
export function readColumnUses(text: string): readonly RosterColumn['use'][] {
  return text.split(',').map((word) => COLUMN_USES.find((use) => use === word) ?? null);
}

/** A choice as the query of a request: `?sheet=7-1&headings=3&columns=id,name,,group`; '' where nothing is chosen. */
export function choiceQuery({ sheet, headingLine, columns }: RosterChoice): string {
  const query = new URLSearchParams();
  if (sheet !== null) query.set('sheet', sheet);
  if (headingLine !== null) query.set('headings', String(headingLine));
  if (columns !== null) query.set('columns', columns.map((use) => use ?? '').join(','));
  return query.size === 0 ? '' : `?${query.toString()}`;
}
