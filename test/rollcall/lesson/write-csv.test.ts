import { deepEqual, equal, ok } from 'node:assert/strict';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { withoutFormulas, writeCsv } from '../../../rollcall/lesson/write-csv.ts';

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

  for (const { text, want } of [
    { text: 'Ann;=1+1;B', want: "Ann;'=1+1;B" },
    { text: 'Ann,@x', want: "Ann,'@x" },
    { text: 'Ann\t+1', want: "Ann\t'+1" },
    { text: 'Ann\r\n-1', want: "Ann\r\n'-1" },
    { text: 'Ann|=1', want: "Ann|'=1" },
    { text: 'Ann; =1', want: "Ann; '=1" },
    { text: 'Ann;"=1"', want: 'Ann;"\'=1"' },
    { text: '＝1+1', want: "'＝1+1" },
    { text: '－1', want: "'－1" },
    { text: 'a;＋1;＠x', want: "a;'＋1;'＠x" },
    { text: '﹦1', want: "'﹦1" },
    { text: '7-1', want: '7-1' },
    { text: 'a = b; c + d', want: 'a = b; c + d' },
    { text: "'=1", want: "'=1" },
    { text: 'a@b.c;d@e.f', want: 'a@b.c;d@e.f' },
  ]) {
    it(`is no formula for any delimiter: ${JSON.stringify(text)}`, () => equal(withoutFormulas(text), want));
  }

  it('has no cell that begins with a formula, whatever is taken for a delimiter', async () => {
    const part = fc.constantFrom(
      '=',
      '+',
      '-',
      '@',
      '＝',
      '＋',
      '－',
      '＠',
      ';',
      ',',
      '\t',
      '|',
      '"',
      ' ',
      'A',
      '李',
    );
    const text = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(text, async (name) => {
        const line = (await writeCsv([['1', name, 'x']])).slice(1);
        for (const delimiter of [',', ';', '\t', '|']) {
          for (const cell of line.split(delimiter))
            ok(!/^["\s]*[=+\-@＝＋－＠]/.test(cell), `${delimiter} in ${line}`);
        }
      }),
    );
  });

  it('is read back as it was', async () => {
    // What is taken for a formula, and rows without text, are others when they come back.
    const field = fc
      .string({ minLength: 1 })
      .filter((text) => /^[^\s\ufeff]/.test(text) && withoutFormulas(text) === text);
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
