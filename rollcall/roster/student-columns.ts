import type { RosterColumn } from '../protocol/roster-preview.ts';
import { cellText } from './cell-text.ts';
import { type ColumnKind, headingKey, ID_TIERS } from './headings.ts';
import type { CsvRow } from './parse-csv.ts';

/** Where one student of a row stands: columns from 0, -1 for none. Lists of two students a row have two of these. */
export type StudentColumns = {
  /** Columns that number students: each row takes the first one that is not empty. */
  readonly ids: readonly number[];
  readonly name: number;
  readonly family: number;
  readonly given: number;
  readonly middle: number;
  readonly group: number;
  readonly grade: number;
};

/** {@link StudentColumns} before the rows have told which columns number the students. */
export type CandidateColumns = Omit<StudentColumns, 'ids'> & {
  /**
   * Columns that number students, in tiers: the first tier that is not empty everywhere is used. Documents and lines number
   * students only where nothing else does.
   */
  readonly idTiers: readonly (readonly number[])[];
  /** Column of the number of a line: in lists of several classes it begins again. */
  readonly serial: number;
};

/** No column at all. */
export const NO_COLUMNS: CandidateColumns = {
  ...{ idTiers: [], serial: -1, name: -1, family: -1, given: -1, middle: -1, group: -1, grade: -1 },
};

/** Columns, or the heading that is there twice so that it cannot be told which columns belong together. */
export type ColumnsByHeadings =
  | { readonly kind: 'students'; readonly students: readonly CandidateColumns[] }
  | { readonly kind: 'twice' }
  | { readonly kind: 'nameless' };

/** What the headings of a table say. */
export function columnsByHeadings(
  kinds: readonly (ColumnKind | null)[],
  headings: readonly string[],
): ColumnsByHeadings {
  const all = (kind: ColumnKind): number[] => kinds.flatMap((known, i) => (known === kind ? [i] : []));
  const [families, givens] = [all('family'), all('given')];
  let names = all('name');
  if (names.length === 0 && families.length === 0 && givens.length === 0) names = all('otherName');
  if (names.length + families.length + givens.length === 0) return { kind: 'nameless' };
  // "姓名" twice is two students a row; "姓名" and "学生" are two headings of one.
  const sameName = names.filter(
    (i) => headingKey(headings[i] ?? '') === headingKey(headings[names[0] ?? -1] ?? ''),
  );
  const count = Math.max(1, sameName.length);
  if (count === 1 && (families.length > 1 || givens.length > 1)) return { kind: 'twice' };
  const tiers = ID_TIERS.map((tier) =>
    // Two students a row have two numbers a row, or none.
    tier.map(all).filter((own) => own.length > 0 && own.length % count === 0),
  );
  const students = Array.from({ length: count }, (_, block): CandidateColumns => {
    const of = (kind: ColumnKind): number => blockColumn(all(kind), block, count);
    return {
      idTiers: tiers
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
  return { kind: 'students', students };
}

/** Columns that a teacher chose, or why they make no list: without a name, or with one use twice. */
export type ColumnsByChoice =
  | { readonly kind: 'students'; readonly students: readonly CandidateColumns[] }
  | { readonly kind: 'nameless' }
  | { readonly kind: 'twice'; readonly use: NonNullable<RosterColumn['use']> };

/** What a teacher chose. Two columns of names are two students a row; every other use is then there once, or for each. */
export function columnsByChoice(uses: readonly RosterColumn['use'][]): ColumnsByChoice {
  const all = (use: RosterColumn['use']): number[] => uses.flatMap((own, i) => (own === use ? [i] : []));
  const [names, families, givens] = [all('name'), all('family'), all('given')];
  if (names.length + families.length + givens.length === 0) return { kind: 'nameless' };
  const count = Math.max(1, names.length);
  for (const use of ['id', 'family', 'given', 'middle', 'group', 'grade'] as const) {
    const own = all(use).length;
    // Two students cannot have one number.
    if (own > 1 && own !== count) return { kind: 'twice', use };
    if (use === 'id' && own > 0 && own !== count) return { kind: 'twice', use: 'name' };
  }
  const students = Array.from({ length: count }, (_, block): CandidateColumns => {
    const of = (use: RosterColumn['use']): number => blockColumn(all(use), block, count);
    const id = of('id');
    return {
      ...{ idTiers: id < 0 ? [] : [[id]], serial: -1, name: names[block] ?? -1 },
      ...{ family: of('family'), given: of('given'), middle: of('middle'), group: of('group') },
      grade: of('grade'),
    };
  });
  return { kind: 'students', students };
}

/**
 * Settles which columns number the students: of a tier those that are not empty everywhere; none where the lines are counted, and
 * begin again within a class.
 */
export function settledColumns(candidate: CandidateColumns, rows: readonly CsvRow[]): StudentColumns {
  const { idTiers, serial, ...columns } = candidate;
  const tier = idTiers
    .map((own) => own.filter((column) => rows.some(({ fields }) => cellText(fields[column]) !== '')))
    .find((own) => own.length > 0);
  if (tier === undefined || tier[0] !== serial) return { ...columns, ids: tier ?? [] };
  const numbers = rows.map(({ fields }) => `${cellText(fields[columns.group])}\n${cellText(fields[serial])}`);
  return { ...columns, ids: new Set(numbers).size === numbers.length ? tier : [] };
}

/** What a column is used for. */
export function useOf(column: number, students: readonly StudentColumns[]): RosterColumn['use'] {
  for (const { ids, name, family, given, middle, group, grade } of students) {
    if (ids[0] === column) return 'id';
    if (name === column) return 'name';
    if (family === column) return name < 0 ? 'family' : null;
    if (given === column) return name < 0 ? 'given' : null;
    if (middle === column) return name < 0 && given >= 0 ? 'middle' : null;
    if (group === column) return 'group';
    if (grade === column) return 'grade';
  }
  return null;
}

/** The column of one student of a row: her own, or the one of all. */
function blockColumn(own: readonly number[], block: number, count: number): number {
  return (own.length === count ? own[block] : own[0]) ?? -1;
}
