import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { parseCsv, writeCsv } from '../../../rollcall/roster/csv.ts';

const fieldsOf = (text: string): unknown => {
  const rows = parseCsv(text);
  return rows.ok ? rows.value.map(({ fields }) => fields) : rows.reason;
};

describe('reading CSV (RFC 4180)', () => {
  for (const { name, text, want } of [
    { name: 'nothing', text: '', want: [] },
    { name: 'rows without text are left out', text: 'a\n\n , \nb\n', want: [['a'], ['b']] },
    { name: 'lines end in CR LF, LF or CR', text: 'a,b\r\nc,d\ne,f\rg,h', want: 'abcdefgh' },
    { name: 'a byte order mark is no text', text: '\ufeff学号,姓名', want: [['学号', '姓名']] },
    {
      name: 'semicolons',
      text: 'a;b,c;x\nd;e;',
      want: [
        ['a', 'b,c', 'x'],
        ['d', 'e', ''],
      ],
    },
    {
      name: 'tabs',
      text: 'a\tb\nd\te',
      want: [
        ['a', 'b'],
        ['d', 'e'],
      ],
    },
    { name: 'empty fields, also the last one', text: ',a,\n', want: [['', 'a', '']] },
    {
      name: 'quoted fields',
      text: '"a,b","c ""d"""\n"e\nf",g',
      want: [
        ['a,b', 'c "d"'],
        ['e\nf', 'g'],
      ],
    },
    { name: 'a quote that never ends', text: 'a\n"b\nc', want: 'line 2: a quote that never ends' },
    { name: 'text behind a quote', text: 'a\n"b"c', want: 'line 2: text behind a closing quote' },
  ]) {
    it(name, () => {
      const got = fieldsOf(text);
      deepEqual(want === 'abcdefgh' && Array.isArray(got) ? got.flat().join('') : got, want);
    });
  }

  it('names the line at which a row begins, behind rows of several lines', () => {
    const rows = parseCsv('a\r\n"b\r\nc"\r\n\r\nd');
    ok(rows.ok);
    deepEqual(
      rows.value.map(({ line }) => line),
      [1, 2, 5],
    );
  });
});

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
      deepEqual(fieldsOf(await writeCsv([['x', text]])), [['x', `'${text}`]]);
    });
  }

  it('is read back as it was', async () => {
    // What is taken for a formula, and rows without text, are others when they come back.
    const field = fc.string({ minLength: 1 }).filter((text) => /^[^=+\-@\s\ufeff;]/.test(text));
    const table = fc.array(fc.array(field, { minLength: 2, maxLength: 2 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        deepEqual(fieldsOf(await writeCsv([['id', 'name'], ...rows])), [['id', 'name'], ...rows]);
      }),
    );
  });
});
