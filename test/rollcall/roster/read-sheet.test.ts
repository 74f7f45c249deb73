import { deepEqual, rejects } from 'node:assert/strict';
import { readSheet, TooManyRowsError } from '../../../rollcall/roster/xlsx/read-sheet.ts';

const CONTEXT = { sharedStrings: [], formats: [] };
const sheet = (rows: string, ranges: readonly string[]): Uint8Array => {
  const merged = ranges.map((ref) => `<mergeCell ref="${ref}"/>`).join('');
  return Buffer.from(
    `<worksheet><sheetData>${rows}</sheetData><mergeCells>${merged}</mergeCells></worksheet>`,
  );
};
const text = (ref: string, value: string): string => `<c r="${ref}" t="str"><v>${value}</v></c>`;

describe('the merged cells of a sheet', () => {
  it('have the text of the first one, down to their last line', async () => {
    const rows = [1, 2, 3, 4].map((n) => `<row r="${n}">${text(`A${n}`, `s${n}`)}</row>`);
    rows[0] = `<row r="1">${text('A1', 's1')}${text('B1', '7-1')}</row>`;
    deepEqual(
      (await readSheet(sheet(rows.join(''), ['B1:B3', 'B1:B3']), CONTEXT)).map(({ cells }) => cells),
      [['s1', '7-1'], ['s2', '7-1'], ['s3', '7-1'], ['s4']],
    );
  });

  const tall = [1, 2].map((n) => `<row r="${n * 50_000}">${text(`A${n * 50_000}`, 'x')}</row>`).join('');

  it('are filled once where a range is there again and again', async () => {
    const again = Array.from({ length: 10_000 }, () => 'A50000:A120000');
    const rows = await readSheet(sheet(tall, again), CONTEXT);
    deepEqual(
      rows.map(({ cells }) => cells),
      [['x'], ['x']],
    );
  });

  it('are refused where ranges that overlap have too many lines together', async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => `A50000:A${100_000 + i}`);
    await rejects(readSheet(sheet(tall, many), CONTEXT), TooManyRowsError);
  });
});
