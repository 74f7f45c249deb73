import { deepEqual, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { parseCsv } from '../../../rollcall/roster/parse-csv.ts';
import { problemText } from '../../../rollcall/roster/roster-problem.ts';

const fieldsOf = (text: string): unknown => {
  const rows = parseCsv(text);
  return rows.kind === 'rows' ? rows.rows.map(({ fields }) => fields) : problemText(rows.problem);
};

const CELL = fc.stringMatching(/^[a;,"\n\r ]{0,4}$/);

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
    {
      name: "a delimiter that Excel's first line names",
      text: 'sep=;\r\na,b;c',
      want: [['a,b', 'c']],
    },
    {
      name: 'a title above, which has no delimiter or another one',
      text: '2024学年，七年级1班 学生名单\n\n学号;姓名\n1;李雷',
      want: [['2024学年，七年级1班 学生名单'], ['学号', '姓名'], ['1', '李雷']],
    },
    {
      name: 'full-width commas',
      text: '1，李雷，七1班',
      want: [['1', '李雷', '七1班']],
    },
    {
      name: 'bars',
      text: '1|李雷\n2|韩梅梅',
      want: [
        ['1', '李雷'],
        ['2', '韩梅梅'],
      ],
    },
    {
      name: 'spaces where each line begins with a number',
      text: '学号 姓名\n20230101\u3000李雷\n20230102  韩梅梅',
      want: [
        ['学号', '姓名'],
        ['20230101', '李雷'],
        ['20230102', '韩梅梅'],
      ],
    },
    { name: 'names of two words are no columns', text: 'Ann Lee\nBob Ray', want: [['Ann Lee'], ['Bob Ray']] },
    { name: 'empty fields, also the last one', text: ',a,\n', want: [['', 'a', '']] },
    {
      name: 'quoted fields',
      text: '"a,b","c ""d"""\n"e\nf",g',
      want: [
        ['a,b', 'c "d"'],
        ['e\nf', 'g'],
      ],
    },
    { name: 'a quote that never ends', text: 'a\n"b\nc', want: 'line 2: a quote is not closed' },
    { name: 'too many columns', text: `a,b\n${'1,'.repeat(257)}`, want: 'line 2: more than 256 columns' },
    {
      name: 'too many words, far below',
      text: `${'1 a\n'.repeat(50)}2 ${'b '.repeat(256)}`,
      want: 'line 51: more than 256 columns',
    },
    {
      name: 'a quoted field in too many columns',
      text: `"a"${',""'.repeat(255)},"b"`,
      want: 'line 1: more than 256 columns',
    },
    { name: 'text behind a quote', text: 'a\n"b"c', want: 'line 2: text after a closing quote' },
  ]) {
    it(name, () => {
      const got = fieldsOf(text);
      deepEqual(want === 'abcdefgh' && Array.isArray(got) ? got.flat().join('') : got, want);
    });
  }

  it('leaves out empty columns that a spreadsheet has saved far to the right', () => {
    deepEqual(fieldsOf(`a,b${','.repeat(16_382)}`), [['a', 'b', ...Array.from({ length: 254 }, () => '')]]);
  });

  it('names the line at which a row begins, behind rows of several lines', () => {
    const rows = parseCsv('a\r\n"b\r\nc"\r\n\r\nd');
    ok(rows.kind === 'rows');
    deepEqual(
      rows.rows.map(({ line }) => line),
      [1, 2, 5],
    );
  });

  it('reads the same rows as csv-parse', () => {
    const table = fc.array(fc.array(CELL, { minLength: 2, maxLength: 3 }), { minLength: 1 });
    fc.assert(
      fc.property(table, fc.constantFrom('\r\n', '\n', '\r'), (cells, lineEnd) => {
        const quoted = cells.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','));
        const text = ['id,name,', ...quoted].join(lineEnd);
        const theirs: string[][] = parse(text, {
          ...{ relax_column_count: true, record_delimiter: ['\r\n', '\n', '\r'] },
        });
        deepEqual(
          fieldsOf(text),
          theirs.filter((row) => row.some((field) => field.trim() !== '')),
        );
      }),
    );
  });
});
