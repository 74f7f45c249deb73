import { deepEqual, equal, ok } from 'node:assert/strict';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { writeCsv } from '../../../rollcall/lesson/write-csv.ts';

const parsed = (text: string): unknown => parse(text, { bom: true });

describe('writing CSV', () => {
  it('is what spreadsheets open: a byte order mark, CR LF, quotes where they are needed', async () => {
    const text = await writeCsv([
      ['姓名', 1.5, null],
      ['a,b', 'c "d"', 'e\nf'],
    ]);
    equal(text, '\ufeff姓名,1.5,\r\n"a,b","c ""d""","e\nf"\r\n');
  });

  for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx']) {
    it(`is no formula: ${JSON.stringify(text)}`, async () => {
      deepEqual(parsed(await writeCsv([['x', text]])), [['x', `'${text}`]]);
    });
  }

  it('is read back as it was', async () => {
    // What is taken for a formula, and rows without text, are others when they come back.
    const field = fc.string({ minLength: 1 }).filter((text) => /^[^=+\-@\s\ufeff;]/.test(text));
    const table = fc.array(fc.array(field, { minLength: 2, maxLength: 2 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        deepEqual(parsed(await writeCsv([['id', 'name'], ...rows])), [['id', 'name'], ...rows]);
      }),
    );
  });

  it('yields to other work every 500 rows', async () => {
    let [turns, isDone] = [0, false];
    const count = (): void => {
      turns++;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    await writeCsv(Array.from({ length: 5000 }, (_, i) => [i, '李雷']));
    isDone = true;
    ok(turns >= 9, `${turns} turns`);
  });
});
