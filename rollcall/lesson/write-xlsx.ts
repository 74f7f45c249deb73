import { setImmediate } from 'node:timers/promises';
import { strToU8, Zip, ZipDeflate } from 'fflate';
import type { CsvFields } from './write-csv.ts';

/** Rows that are written before other work has its turn. */
const BATCH = 500;
/** Most characters of a cell (Excel specifications and limits). */
const CELL_MAX = 32_767;
/** What XML 1.0 cannot have, and halves of characters. */
const NOT_IN_XML =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/** Indexes of the styles in {@link STYLES}. */
const [TEXT, FORMULA_LIKE, HEAD] = [1, 2, 3];

const HEADER = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const SHEET_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** Number format 49 is "@": what is typed over stays a text. `quotePrefix` has it stay one though it begins like a formula. */
const STYLES = `<styleSheet xmlns="${MAIN}"><fonts count="2"><font/><font><b/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf xfId="0"/><xf xfId="0" numFmtId="49" applyNumberFormat="1"/><xf xfId="0" numFmtId="49" applyNumberFormat="1" quotePrefix="1"/><xf xfId="0" numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/></cellXfs></styleSheet>`;

const PARTS: readonly (readonly [name: string, xml: string])[] = [
  [
    '[Content_Types].xml',
    `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${SHEET_TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${SHEET_TYPE}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${SHEET_TYPE}.styles+xml"/></Types>`,
  ],
  [
    '_rels/.rels',
    `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  ],
  [
    'xl/_rels/workbook.xml.rels',
    `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`,
  ],
  ['xl/styles.xml', STYLES],
];

/**
 * Writes an Excel workbook of one sheet: every text is a text cell, so that `00123`, `7-1` and `=cmd` stay what they are; numbers
 * are numbers. Yields to other work at intervals.
 *
 * @param sheet its name; characters that Excel does not take become spaces
 * @param rows the first one is the heading; iterated as they are needed
 * @see ECMA-376-1 §18 SpreadsheetML
 */
export async function writeXlsx(sheet: string, rows: Iterable<CsvFields>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const failures: Error[] = [];
  const zip = new Zip((error, chunk) => {
    if (error !== null) failures.push(error);
    else chunks.push(chunk);
  });
  const workbook = `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="${escaped(sheetName(sheet))}" sheetId="1" r:id="rId1"/></sheets></workbook>`;
  for (const [name, xml] of [...PARTS, ['xl/workbook.xml', workbook] as const]) {
    const part = new ZipDeflate(name);
    zip.add(part);
    part.push(strToU8(HEADER + xml), true);
  }
  const data = new ZipDeflate('xl/worksheets/sheet1.xml');
  zip.add(data);
  const head = `<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><sheetData>`;
  let [text, line] = [HEADER + head, 0];
  for (const row of rows) {
    line++;
    text += `<row r="${line}">${row.map((field) => cellOf(field, line === 1)).join('')}</row>`;
    if (line % BATCH !== 0) continue;
    data.push(strToU8(text));
    text = '';
    await setImmediate();
  }
  data.push(strToU8(`${text}</sheetData></worksheet>`), true);
  zip.end();
  const [failure] = failures;
  if (failure !== undefined) throw failure;
  return Buffer.concat(chunks);
}

function cellOf(field: string | number | null, isHead: boolean): string {
  if (field === null || field === '') return '<c/>';
  if (typeof field === 'number') return Number.isFinite(field) ? `<c><v>${field}</v></c>` : '<c/>';
  const style = isHead ? HEAD : /^\s*[=+\-@＝＋－＠]/.test(field) ? FORMULA_LIKE : TEXT;
  return `<c t="inlineStr" s="${style}"><is><t xml:space="preserve">${escaped(field.slice(0, CELL_MAX))}</t></is></c>`;
}

function escaped(text: string): string {
  return (
    text
      .replaceAll(NOT_IN_XML, ' ')
      // `_x000D_` would be read as the character (§22.9.2.19).
      .replaceAll(/_(?=x[0-9a-fA-F]{4}_)/g, '_x005F_')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}

/** At most 31 characters, none of them one of those that Excel refuses. */
function sheetName(name: string): string {
  const allowed = name
    .replaceAll(/[[\]:*?/\\'\u0000-\u001f]/g, ' ')
    .trim()
    .slice(0, 31);
  return allowed === '' ? 'Sheet1' : allowed;
}
