import { deepEqual, equal, match, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { strFromU8, unzipSync } from 'fflate';
import { writeXlsx } from '../../../rollcall/lesson/write-xlsx.ts';
import { readRoster } from '../../../rollcall/roster/read-roster.ts';
import { readWorkbook } from '../../../rollcall/roster/xlsx/read-workbook.ts';

const rowsOf = async (bytes: Uint8Array): Promise<unknown> => {
  const workbook = await readWorkbook(bytes);
  return workbook.kind === 'sheets' ? workbook.sheets[0]?.rows.map(({ cells }) => cells) : workbook;
};

describe('writing an Excel workbook', () => {
  it('keeps every text a text: zeros, dates, formulas, long numbers', async () => {
    const texts = ['00123', '7-1', '3-1', '1/2', '=cmd', '+1', '@x', '1E5', '110101201001011234', '＝1'];
    const bytes = await writeXlsx('x', [['a'], texts]);
    deepEqual(await rowsOf(bytes), [['a'], texts]);
    const sheet = strFromU8(unzipSync(bytes)['xl/worksheets/sheet1.xml'] ?? new Uint8Array());
    ok(!/<f[ >]/.test(sheet), 'no formula');
    equal(sheet.match(/t="inlineStr"/g)?.length, texts.length + 1, 'each of them is a text');
    match(sheet, /s="2"><is><t xml:space="preserve">=cmd</);
  });

  it('has numbers as numbers, and nothing where there is nothing', async () => {
    deepEqual(
      await rowsOf(
        await writeXlsx('x', [
          ['a', 'b', 'c'],
          [1.5, null, -3],
        ]),
      ),
      [
        ['a', 'b', 'c'],
        ['1.5', '', '-3'],
      ],
    );
  });

  it('is read back as a class list, without those who are not on it', async () => {
    const rows = [
      ['id', 'name', 'group', 'on roster', 'minutes watched'],
      ['00123', '李雷', '7-1', 'yes', 40],
      ['110101201001011234', '韩梅梅', '1/2', 'yes', 40],
      ['guest-1', '王芳', '', 'no', 3],
    ];
    const reading = await readRoster(await writeXlsx('2026-02-17 attendance', rows), null);
    deepEqual(reading.kind === 'roster' && reading.entries, [
      { id: '00123', name: '李雷', group: '7-1' },
      { id: '110101201001011234', name: '韩梅梅', group: '1/2' },
    ]);
  });

  for (const { sheet, want } of [
    { sheet: '2026-02-17 calls', want: '2026-02-17 calls' },
    { sheet: 'a/b:c*[d]?', want: 'a b c  d' },
    { sheet: 'x'.repeat(40), want: 'x'.repeat(31) },
    { sheet: '', want: 'Sheet1' },
    { sheet: '<&"', want: '<&"' },
  ]) {
    it(`names its sheet: ${JSON.stringify(sheet)}`, async () => {
      const workbook = await readWorkbook(await writeXlsx(sheet, [['a']]));
      equal(workbook.kind === 'sheets' && workbook.sheets[0]?.name, want);
    });
  }

  it('has any text as it was', async () => {
    const text = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 20 })
      .map((any) => `x${any}_x000A_`.replaceAll(/[\u0000-\u001f\ufffe\uffff\ud800-\udfff]/g, 'y'));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 4 }), async (row) => {
        deepEqual(await rowsOf(await writeXlsx('x', [row])), [row]);
      }),
      { numRuns: 50 },
    );
  });

  it('yields to other work every 500 rows', async () => {
    let [turns, isDone] = [0, false];
    const count = (): void => {
      turns++;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    await writeXlsx(
      'x',
      Array.from({ length: 5000 }, (_, i) => [i, '李雷']),
    );
    isDone = true;
    ok(turns >= 9, `${turns} turns`);
  });
});
