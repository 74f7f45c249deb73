import { strToU8, zipSync } from 'fflate';

/** A cell: a text (shared string), or XML of its own. */
export type TestCell = string | { readonly xml: (reference: string) => string };

/** A sheet of a test workbook. */
export type TestSheet = {
  readonly name: string;
  readonly rows: readonly (readonly TestCell[])[];
  readonly state?: string;
  /** Such as `A2:A3`. */
  readonly merged?: readonly string[];
};

/** A number with a style: 0 general, 1 `00000`, 2 a date, 3 text. */
export function number(value: string, style = 0): TestCell {
  return { xml: (reference) => `<c r="${reference}" s="${style}"><v>${value}</v></c>` };
}

/** A cell of any kind, by its XML without `<c r=…`. */
export function raw(attributes: string, content: string): TestCell {
  return { xml: (reference) => `<c r="${reference}" ${attributes}>${content}</c>` };
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** The files of a workbook as Excel writes it. */
export function workbookFiles(sheets: readonly TestSheet[]): Record<string, Uint8Array> {
  const strings: string[] = [];
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const types = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const files: Record<string, string> = {};
  for (const [i, { rows, merged = [] }] of sheets.entries()) {
    const data = rows.map((row, y) => {
      const cells = row.map((cell, x) => {
        const reference = `${String.fromCharCode(65 + x)}${y + 1}`;
        if (typeof cell !== 'string') return cell.xml(reference);
        if (cell === '') return '';
        strings.push(cell);
        return `<c r="${reference}" t="s"><v>${strings.length - 1}</v></c>`;
      });
      return `<row r="${y + 1}">${cells.join('')}</row>`;
    });
    const merges = merged.map((ref) => `<mergeCell ref="${ref}"/>`).join('');
    files[`xl/worksheets/sheet${i + 1}.xml`] =
      `<worksheet xmlns="${main}"><sheetData>${data.join('')}</sheetData>${merges && `<mergeCells>${merges}</mergeCells>`}</worksheet>`;
  }
  files['_rels/.rels'] =
    `<Relationships><Relationship Id="rId1" Type="${types}/officeDocument" Target="xl/workbook.xml"/></Relationships>`;
  files['xl/workbook.xml'] = `<workbook xmlns="${main}" xmlns:r="${types}"><sheets>${sheets
    .map(
      ({ name, state }, i) =>
        `<sheet name="${escaped(name)}" sheetId="${i + 1}"${state === undefined ? '' : ` state="${state}"`} r:id="rId${i + 1}"/>`,
    )
    .join('')}</sheets></workbook>`;
  files['xl/_rels/workbook.xml.rels'] = `<Relationships>${sheets
    .map(
      (_, i) =>
        `<Relationship Id="rId${i + 1}" Type="${types}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`,
    )
    .join(
      '',
    )}<Relationship Id="s1" Type="${types}/sharedStrings" Target="/xl/sharedStrings.xml"/><Relationship Id="s2" Type="${types}/styles" Target="styles.xml"/></Relationships>`;
  files['xl/styles.xml'] =
    `<styleSheet xmlns="${main}"><numFmts><numFmt numFmtId="164" formatCode="00000"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="58"/><xf numFmtId="49"/></cellXfs></styleSheet>`;
  files['xl/sharedStrings.xml'] =
    `<sst xmlns="${main}">${strings.map((text) => `<si><t xml:space="preserve">${escaped(text)}</t></si>`).join('')}</sst>`;
  files['[Content_Types].xml'] = '<Types/>';
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]));
}

/** A workbook as Excel writes it. */
export function makeWorkbook(sheets: readonly TestSheet[]): Uint8Array {
  return zipSync(workbookFiles(sheets));
}
