import { deepEqual, match } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';
import { readRoster, type RosterReading } from '../../../rollcall/roster/read-roster.ts';
import { problemText } from '../../../rollcall/roster/roster-problem.ts';

const told = (reading: RosterReading): unknown =>
  reading.kind === 'roster'
    ? reading.entries.map(({ id, name, group }) => `${id}|${name}|${group}`)
    : problemText(reading.problem);
const encoded = (text: string, to: string): Uint8Array =>
  execFileSync('iconv', ['-f', 'utf-8', '-t', to], { input: text, stdio: ['pipe', 'pipe', 'ignore'] });
const utf16 = (text: string, isBig: boolean, mark: boolean): Uint8Array => {
  const bytes = Buffer.from(`${mark ? '\ufeff' : ''}${text}`, 'utf16le');
  return isBig ? bytes.swap16() : bytes;
};

describe('a class list in an encoding', () => {
  const SUN = '学号,姓名\n1,孙强\n';
  for (const { name, bytes, charset = null, want } of [
    { name: 'UTF-8', bytes: Buffer.from(SUN), want: ['1|孙强|'] },
    { name: 'UTF-8 with a byte order mark', bytes: Buffer.from(`\ufeff${SUN}`), want: ['1|孙强|'] },
    { name: 'UTF-16 LE with a mark', bytes: utf16(SUN, false, true), want: ['1|孙强|'] },
    { name: 'UTF-16 BE with a mark', bytes: utf16(SUN, true, true), want: ['1|孙强|'] },
    { name: 'UTF-16 LE without a mark', bytes: utf16(SUN, false, false), want: ['1|孙强|'] },
    { name: 'UTF-16 BE without a mark', bytes: utf16(SUN, true, false), want: ['1|孙强|'] },
    {
      name: "Excel's Unicode text",
      bytes: utf16('ID\tName\r\n1\tAnn Lee\r\n', false, true),
      want: ['1|Ann Lee|'],
    },
    { name: 'GBK', bytes: encoded(SUN, 'gbk'), want: ['1|孙强|'] },
    {
      name: 'GBK without headings',
      bytes: encoded('1,李雷\n2,韩梅梅\n', 'gbk'),
      want: ['1|李雷|', '2|韩梅梅|'],
    },
    {
      name: 'GB 18030 with rare characters',
      bytes: encoded('学号,姓名\n1,李𠮷喆\n', 'gb18030'),
      want: ['1|李𠮷喆|'],
    },
    { name: 'Big5', bytes: encoded('學號,姓名\n1,陳怡君\n', 'big5'), want: ['1|陳怡君|'] },
    {
      name: 'Big5 without headings',
      bytes: encoded('1,陳怡君\n2,林志明\n', 'big5'),
      want: ['1|陳怡君|', '2|林志明|'],
    },
    { name: 'Shift-JIS', bytes: encoded('学籍番号,氏名\n1,佐藤花子\n', 'shift_jis'), want: ['1|佐藤花子|'] },
    { name: 'EUC-KR', bytes: encoded('학번,이름\n1,김민수\n', 'euc-kr'), want: ['1|김민수|'] },
    {
      name: 'Windows-1251',
      bytes: encoded('Номер,Фамилия,Имя\n1,Иванов,Пётр\n', 'cp1251'),
      want: ['1|Пётр Иванов|'],
    },
    {
      name: 'Windows-1252 that the type names',
      bytes: encoded('id;name\n1;Jörg\n', 'cp1252'),
      charset: 'windows-1252',
      want: ['1|Jörg|'],
    },
    {
      name: 'Windows-1250 that the type names',
      bytes: encoded('id;name\n1;Jiří\n', 'cp1250'),
      charset: 'windows-1250',
      want: ['1|Jiří|'],
    },
    {
      name: 'Big5 that the type names',
      bytes: encoded('1,王小明', 'big5'),
      charset: 'big5',
      want: ['1|王小明|'],
    },
    { name: 'GBK that the type names', bytes: encoded('1,李雷', 'gbk'), charset: '"GBK"', want: ['1|李雷|'] },
    {
      name: 'UTF-16 that the type names',
      bytes: utf16(SUN, true, false),
      charset: 'utf-16',
      want: ['1|孙强|'],
    },
    {
      name: 'UTF-8 that the type calls Latin-1',
      bytes: Buffer.from(SUN),
      charset: 'iso-8859-1',
      want: ['1|孙强|'],
    },
    {
      name: 'UTF-8 with a mark that the type calls GBK',
      bytes: Buffer.from(`\ufeff${SUN}`),
      charset: 'gbk',
      want: ['1|孙强|'],
    },
  ]) {
    it(`is taken: ${name}`, async () => deepEqual(told(await readRoster(bytes, charset)), want));
  }

  for (const { name, bytes, charset = null, want } of [
    {
      name: 'Windows-1252 that nothing names',
      bytes: encoded('id;name\n1;Jörg Müller\n', 'cp1252'),
      want: /^line 2: .*UTF-8.*\.xlsx.*charset=/,
    },
    { name: 'Windows-1250 that nothing names', bytes: encoded('id;name\n1;Jiří\n', 'cp1250'), want: /UTF-8/ },
    { name: 'EUC-KR without headings', bytes: encoded('1,김민수\n', 'euc-kr'), want: /UTF-8/ },
    {
      name: 'GBK that the type calls UTF-8',
      bytes: encoded(SUN, 'gbk'),
      charset: 'utf-8',
      want: /not utf-8, as the Content-Type says.*UTF-8/,
    },
    {
      name: 'an encoding that is not known',
      bytes: Buffer.from(SUN),
      charset: 'ebcdic',
      want: /charset "ebcdic" is not known/,
    },
    { name: 'UTF-32', bytes: encoded(SUN, 'utf-32'), want: /UTF-8/ },
    { name: 'UTF-16 that is cut', bytes: utf16(SUN, false, true).subarray(0, 15), want: /UTF-8/ },
    {
      name: 'lost characters',
      bytes: Buffer.from('1,李雷\n2,\ufffd\ufffd'),
      want: /^line 2: .*characters were lost/,
    },
    { name: 'zeros', bytes: Buffer.from('1,a\n2,b\0\0\0\n3,c'), want: /^line 2: .*UTF-8/ },
    {
      name: 'an old Excel file',
      bytes: Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      want: /\.xls.*Excel workbook \(\.xlsx\)/,
    },
    { name: 'an Excel 4 file', bytes: Buffer.from('0904060000001000', 'hex'), want: /\.xls.*\.xlsx/ },
    {
      name: 'a web page that is called .xls',
      bytes: Buffer.from('\ufeff<html><table><tr><td>李雷'),
      want: /web page.*\.xlsx/,
    },
    {
      name: "Excel's XML of 2003",
      bytes: Buffer.from('<?xml version="1.0"?><Workbook>'),
      want: /web page.*\.xlsx/,
    },
    {
      name: 'a photo of a list',
      bytes: Buffer.from('ffd8ffe000104a464946', 'hex'),
      want: /format JPEG.*\.xlsx/,
    },
    { name: 'a picture of a screen', bytes: Buffer.from('89504e470d0a1a0a', 'hex'), want: /format PNG/ },
    { name: "a phone's photo", bytes: Buffer.from('\0\0\0\u0018ftypheic\0\0\0\0'), want: /format HEIC/ },
    { name: 'a text with formats', bytes: Buffer.from('{\\rtf1\\ansi 1,Ann}'), want: /format RTF/ },
    { name: 'a packed list', bytes: Buffer.from('1f8b0800', 'hex'), want: /format gzip/ },
    { name: 'a text of Word', bytes: zipSync({ 'word/document.xml': strToU8('x') }), want: /format Word/ },
    {
      name: "Apple's sheets",
      bytes: zipSync({ 'Index/Document.iwa': strToU8('x') }),
      want: /format Numbers/,
    },
    { name: 'a PDF', bytes: Buffer.from('%PDF-1.7'), want: /PDF/ },
    {
      name: 'an OpenDocument file',
      bytes: zipSync({
        mimetype: strToU8('application/vnd.oasis.opendocument.spreadsheet'),
        'content.xml': strToU8('<a/>'),
      }),
      want: /\.ods.*\.xlsx/,
    },
    {
      name: 'a binary Excel workbook',
      bytes: zipSync({ 'xl/workbook.bin': strToU8('x') }),
      want: /\.xlsb.*\.xlsx/,
    },
    {
      name: 'another archive',
      bytes: zipSync({ 'a.txt': strToU8('x') }),
      want: /Excel workbook \(\.xlsx\): it has no workbook/,
    },
    {
      name: 'what only begins like an archive',
      bytes: Buffer.concat([
        Buffer.from('PK\u0003\u0004\u0014\0\u0006\0', 'latin1'),
        Buffer.alloc(400, 0x8d),
      ]),
      want: /cannot be read as an Excel workbook.*CSV UTF-8/,
    },
  ]) {
    it(`is refused, with what helps: ${name}`, async () =>
      match(String(told(await readRoster(bytes, charset))), want));
  }

  it('never has a name with a character that was not there, whatever the bytes are', async () => {
    const name = fc.constantFrom(
      '李雷',
      '陳怡君',
      'Jörg Müller',
      'Jiří',
      'Пётр',
      '김민수',
      '佐藤',
      'José',
      'Ann',
    );
    const encoding = fc.constantFrom(
      'gbk',
      'gb18030',
      'big5',
      'shift_jis',
      'euc-kr',
      'cp1250',
      'cp1251',
      'cp1252',
      'utf-16',
      'utf-8',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(name, { minLength: 1, maxLength: 4 }),
        encoding,
        fc.boolean(),
        async (names, to, hasHead) => {
          let bytes: Uint8Array;
          const lines = names.map((one, i) => `${i},${one}${i}`);
          try {
            bytes = encoded([...(hasHead ? ['id,name'] : []), ...lines].join('\n'), to);
          } catch {
            return; // The encoding does not have these characters.
          }
          const reading = await readRoster(bytes, null);
          if (reading.kind === 'refused') match(problemText(reading.problem), /UTF-8/);
          else
            deepEqual(
              reading.entries.map((entry) => entry.name),
              names.map((one, i) => `${one}${i}`),
            );
        },
      ),
      { numRuns: 60 },
    );
  });
});
