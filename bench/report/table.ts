import { ratioOf, type Row } from '../bench.ts';

/** Writes a figure with as many digits as it bears: three that count, and no decimals above 100. */
export function figure(value: number | null): string {
  if (value === null || Number.isNaN(value)) return '–';
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  return size >= 10 ? value.toFixed(1) : value.toFixed(2);
}

const HEAD = ['', 'ours', 'peer', 'theirs', 'ratio', 'mark', ''] as const;

/** One row in words, in the order of the table's columns. */
export function cells(row: Row): string[] {
  const withUnit = (value: number | null): string =>
    value === null || Number.isNaN(value) ? '–' : `${figure(value)}${row.unit === '' ? '' : ` ${row.unit}`}`;
  const ratio = ratioOf(row.ours, row.theirs);
  return [
    row.what,
    withUnit(row.ours),
    row.peer,
    row.peer === '' ? '' : withUnit(row.theirs),
    ratio === null ? '' : `${figure(ratio)} ×`,
    row.mark,
    row.met === null ? '' : row.met ? 'reached' : 'MISSED',
  ];
}

/**
 * Lays rows out in columns: words to the left, figures to the right.
 *
 * @returns lines, without a line feed at the end
 */
export function table(rows: readonly Row[]): string {
  const lines = [[...HEAD], ...rows.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => {
          const space = ' '.repeat((widths[column] ?? 0) - cell.length);
          return column === 1 || column === 3 || column === 4 ? space + cell : cell + space;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/**
 * Writes rows for docs/benchmarks.md: a heading with date, command and machine, and a table below it.
 *
 * @param command what gave them: `./lectern bench origin`
 * @param date YYYY-MM-DD
 * @param machine in one line
 */
export function markdown(
  title: string,
  rows: readonly Row[],
  notes: readonly string[],
  where: { readonly command: string; readonly date: string; readonly machine: string },
): string {
  const line = (parts: readonly string[]): string => `| ${parts.join(' | ')} |`;
  return [
    `### ${title}`,
    '',
    `${where.date} · \`${where.command}\` · ${where.machine}`,
    '',
    line(['what', 'ours', 'peer', 'theirs', 'ratio', 'mark', '']),
    line(['---', '---:', '---', '---:', '---:', '---', '---']),
    ...rows.map((row) => line(cells(row))),
    ...(notes.length > 0 ? ['', ...notes.map((note) => `- ${note}`)] : []),
    '',
  ].join('\n');
}
