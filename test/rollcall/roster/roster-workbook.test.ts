import { deepEqual, equal, match, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';
import { readRoster, type RosterReading } from '../../../rollcall/roster/read-roster.ts';
import { problemText } from '../../../rollcall/roster/roster-problem.ts';
import { makeWorkbook, number, raw, type TestSheet, workbookFiles } from '../support/workbook.ts';

const told = (reading: RosterReading): unknown =>
  reading.kind === 'roster'
    ? reading.entries.map(({ id, name, group }) => `${id}|${name}|${group}`)
    : problemText(reading.problem);

describe('a class list from an Excel workbook', () => {
  const HEAD = ['学号', '姓名', '班级'];
  const read = async (sheets: readonly TestSheet[]): Promise<unknown> =>
    told(await readRoster(makeWorkbook(sheets), null));
  const one = (rows: TestSheet['rows'], more: Partial<TestSheet> = {}): readonly TestSheet[] => [
    { name: '名单', rows, ...more },
  ];

  for (const { name, sheets, want } of [
    { name: 'texts', sheets: one([HEAD, ['00123', '李雷', '7-1']]), want: ['00123|李雷|7-1'] },
    {
      name: 'numbers',
      sheets: one([HEAD, [number('20230101'), '李雷', number('3')]]),
      want: ['20230101|李雷|3'],
    },
    {
      name: 'numbers in another notation',
      sheets: one([HEAD, [number('2.0230101E7'), '李雷']]),
      want: ['20230101|李雷|'],
    },
    {
      name: 'numbers with zeros by their format',
      sheets: one([HEAD, [number('123', 1), '李雷']]),
      want: ['00123|李雷|'],
    },
    {
      name: 'fractions as classes',
      sheets: one([HEAD, ['1', '李雷', number('7.0999999999999996')]]),
      want: ['1|李雷|7.1'],
    },
    {
      name: 'texts in the cells',
      sheets: one([HEAD, [raw('t="inlineStr"', '<is><r><t>00</t></r><r><t>7</t></r></is>'), '李雷']]),
      want: ['007|李雷|'],
    },
    {
      name: 'values of formulas',
      sheets: one([HEAD, [raw('t="str"', '<f>A1&amp;"x"</f><v>S7</v>'), '李雷']]),
      want: ['S7|李雷|'],
    },
    {
      name: 'readings above names',
      sheets: one([
        HEAD,
        ['1', raw('t="inlineStr"', '<is><t>佐藤</t><rPh sb="0" eb="2"><t>サトウ</t></rPh></is>')],
      ]),
      want: ['1|佐藤|'],
    },
    {
      name: 'escaped characters',
      sheets: one([HEAD, ['1', raw('t="inlineStr"', '<is><t>李_x000A_雷</t></is>')]]),
      want: ['1|李 雷|'],
    },
    {
      name: 'a title in merged cells, a blank row, a total',
      sheets: one([['2024学年 学生名单'], [], HEAD, ['1', '李雷', '7-1'], ['合计', number('1')]], {
        merged: ['A1:C1'],
      }),
      want: ['1|李雷|7-1'],
    },
    {
      name: 'a class in merged cells',
      sheets: one([HEAD, ['1', '李雷', '7-1'], ['2', '韩梅梅', '']], { merged: ['C2:C3'] }),
      want: ['1|李雷|7-1', '2|韩梅梅|7-1'],
    },
    {
      name: 'a date of birth that is not used',
      sheets: one([
        ['学号', '出生日期', '姓名'],
        ['1', number('40000', 2), '李雷'],
      ]),
      want: ['1|李雷|'],
    },
    {
      name: 'hidden sheets',
      sheets: [
        { name: 'old', state: 'hidden', rows: [HEAD, ['9', '旧', '']] },
        ...one([HEAD, ['1', '李雷', '']]),
      ],
      want: ['1|李雷|'],
    },
    {
      name: 'a sheet a class',
      sheets: [
        { name: '七1班', rows: [HEAD, ['1', '李雷']] },
        { name: '七2班', rows: [HEAD, ['1', '韩梅梅']] },
      ],
      want: ['七1班 1|李雷|七1班', '七2班 1|韩梅梅|七2班'],
    },
    {
      name: 'a sheet of something else',
      sheets: [{ name: '说明', rows: [['请填写'], ['谢谢']] }, ...one([HEAD, ['1', '李雷', '']])],
      want: ['1|李雷|'],
    },
    {
      name: 'an empty sheet first',
      sheets: [{ name: 'x', rows: [] }, ...one([HEAD, ['1', '李雷', '']])],
      want: ['1|李雷|'],
    },
    {
      name: 'a class that is a date',
      sheets: one([HEAD, ['1', '李雷', number('45474', 2)]]),
      want: '"名单" row 2: group: the spreadsheet has made a date of it (2024-07-01). Format the column as text and write it again.',
    },
    {
      name: 'a number that lost its digits',
      sheets: one([HEAD, [number('1.10101201001011E+17'), '李雷']]),
      want: '"名单" row 2: id: 1.10101201001011E+17 has lost digits, since spreadsheets keep 15 of a number. Format the column as text and write it again.',
    },
    {
      name: 'an error',
      sheets: one([HEAD, [raw('t="e"', '<v>#N/A</v>'), '李雷']]),
      want: '"名单" row 2: id: the cell has the error #N/A',
    },
    {
      name: 'a formula without a value',
      sheets: one([HEAD, [raw('', '<f>A1</f>'), '李雷']]),
      want: '"名单" row 2: id: a formula without a value. Open the workbook in Excel and save it.',
    },
    { name: 'nobody', sheets: one([]), want: 'no student is in this list' },
  ]) {
    it(`has ${name}`, async () => deepEqual(await read(sheets), want));
  }

  const files = (change: Record<string, string>): Uint8Array =>
    zipSync({
      ...workbookFiles(one([HEAD, ['1', '李雷', '']])),
      ...Object.fromEntries(Object.entries(change).map(([name, text]) => [name, strToU8(text)])),
    });

  it('is read as other programs write it: prefixes, no references, no relations of the package', async () => {
    const bytes = files({
      '_rels/.rels': '<Relationships/>',
      'xl/worksheets/sheet1.xml':
        '<x:worksheet xmlns:x="y"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>姓名</x:t></x:is></x:c></x:row><x:row><x:c t="inlineStr"><x:is><x:t>李雷</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>',
    });
    deepEqual(told(await readRoster(bytes, null)), ['李雷|李雷|']);
  });

  for (const { name, bytes, want } of [
    {
      name: 'XML that is cut',
      bytes: files({ 'xl/workbook.xml': '<workbook><sheets>' }),
      want: /cannot be read as an Excel/,
    },
    {
      name: 'an entity that grows',
      bytes: files({
        'xl/sharedStrings.xml':
          '<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><sst><si><t>&d;</t></si></sst>',
      }),
      want: /cannot be read as an Excel/,
    },
    {
      name: 'a file that grows a thousand times',
      bytes: files({ 'xl/sharedStrings.xml': `<sst>${' '.repeat(70_000_000)}</sst>` }),
      want: /too large when it is unpacked/,
    },
    {
      name: 'too many rows',
      bytes: files({
        'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${'<row><c><v>1</v></c></row>'.repeat(120_001)}</sheetData></worksheet>`,
      }),
      want: /more than 120000 rows/,
    },
    {
      name: 'an archive that is cut',
      bytes: makeWorkbook(one([HEAD])).subarray(0, 300),
      want: /cannot be read as an Excel/,
    },
  ]) {
    it(`is refused with ${name}`, async () =>
      match(String(told(await readRoster(bytes, null))), want)).timeout(60_000);
  }

  it('is taken or refused in words, whatever byte is changed', async () => {
    const whole = makeWorkbook(one([HEAD, ['1', '李雷', '7-1']]));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
        const bytes = Uint8Array.from(whole);
        bytes[at] = byte;
        const reading = await readRoster(bytes, null);
        ok(reading.kind === 'roster' || problemText(reading.problem).length > 10);
      }),
      { numRuns: 200 },
    );
    equal((await readRoster(whole, null)).kind, 'roster');
  });
});
