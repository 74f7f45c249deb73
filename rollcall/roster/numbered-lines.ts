import type { CsvRow } from './parse-csv.ts';

/** `1.李雷`, `(2) 韩梅梅`, `3）林涛`: as word processors and chats number what is written below each other. */
const NUMBERED = /^\s*[(（]?(\d{1,5})[.．。)）:：]\s*(?=[^\s\d])(.*)$/u;

/**
 * Splits the lines of a list that has no columns and whose lines are numbered into number and name.
 *
 * @returns the rows, and the lines above the first number; null where it is another list
 */
export function numberedLines(
  rows: readonly CsvRow[],
): { readonly rows: readonly CsvRow[]; readonly above: readonly CsvRow[] } | null {
  const from = rows.findIndex(isNumbered);
  const list = rows.slice(from);
  if (from < 0 || list.length < 2 || !list.every(isNumbered)) return null;
  const split = list.map(({ fields: [text = ''], line }): CsvRow => {
    const [, number = '', name = ''] = NUMBERED.exec(text) ?? [];
    return { line, fields: [number, name] };
  });
  return { rows: split, above: rows.slice(0, from) };
}

function isNumbered({ fields }: CsvRow): boolean {
  return fields.length === 1 && NUMBERED.test(fields[0] ?? '');
}
