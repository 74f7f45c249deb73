import type { ProblemCode } from '../../protocol/roster-preview.ts';
import { otherArchiveOf } from '../other-file.ts';
import { type NumberFormat, numberFormat } from './number-format.ts';
import { readSheet, type SheetRow, TooManyRowsError, unescaped } from './read-sheet.ts';
import { TooLargeError, unzipSome } from './unzip.ts';
import { attributeOf, parseXml } from './xml-text.ts';

/** A sheet that is not hidden. */
export type WorkbookSheet = { readonly name: string; readonly rows: readonly SheetRow[] };

/** The sheets of a workbook, or why it cannot be read. */
export type ReadWorkbook =
  | { readonly kind: 'sheets'; readonly sheets: readonly WorkbookSheet[]; readonly hidden: readonly string[] }
  | { readonly kind: 'refused'; readonly code: ProblemCode; readonly reason: string };

type Relation = { readonly target: string; readonly type: string };

/**
 * Reads the visible sheets of an Excel workbook (.xlsx, .xlsm). Yields to other work at intervals. Nothing is evaluated: a formula
 * has the value that was saved with it.
 *
 * @see ECMA-376-1 (Office Open XML), §12.3 parts, §18 SpreadsheetML
 */
export async function readWorkbook(bytes: Uint8Array): Promise<ReadWorkbook> {
  try {
    const names: string[] = [];
    const first = await unzipSome(bytes, (name) => {
      if (names.length < 1000) names.push(name);
      return name.endsWith('.rels') || /^xl\/(?:workbook|styles|sharedstrings)\d*\.xml$/.test(name);
    });
    const other = otherFormat(names);
    if (other !== null) return { kind: 'refused', code: other, reason: '' };
    const document = otherArchiveOf(names);
    if (document !== null) return { kind: 'refused', code: 'other-file', reason: document };
    const rootPath =
      pathOf(await relationsOf(first.get('_rels/.rels')), 'officeDocument', '') ?? 'xl/workbook.xml';
    const parts = first.has(rootPath)
      ? first
      : await unzipSome(bytes, (name) => name === rootPath || first.has(name));
    return await sheetsOf(bytes, parts, rootPath);
  } catch (error) {
    if (error instanceof TooLargeError || error instanceof TooManyRowsError) {
      return { kind: 'refused', code: 'workbook-too-large', reason: error.message };
    }
    const reason = error instanceof Error ? error.message.split('\n')[0] : 'it is damaged';
    return { kind: 'refused', code: 'not-a-workbook', reason: reason ?? '' };
  }
}

async function sheetsOf(
  bytes: Uint8Array,
  parts: ReadonlyMap<string, Uint8Array>,
  rootPath: string,
): Promise<ReadWorkbook> {
  const root = parts.get(rootPath);
  if (root === undefined)
    return { kind: 'refused', code: 'not-a-workbook', reason: 'it has no workbook in it' };
  const folder = rootPath.slice(0, rootPath.lastIndexOf('/') + 1);
  const relations = await relationsOf(parts.get(`${folder}_rels/${rootPath.slice(folder.length)}.rels`));
  const listed: { readonly name: string; readonly isHidden: boolean; readonly path: string }[] = [];
  await parseXml(root, {
    open(name, attributes) {
      if (name !== 'sheet') return;
      const relation = relations.get(attributeOf(attributes, 'id') ?? '');
      // Charts are sheets as well.
      if (relation === undefined || !relation.type.endsWith('/worksheet')) return;
      const state = attributeOf(attributes, 'state') ?? 'visible';
      const title = unescaped(attributeOf(attributes, 'name') ?? '').slice(0, 60);
      listed.push({ name: title, isHidden: state !== 'visible', path: joined(folder, relation.target) });
    },
    text() {},
    close() {},
  });
  const visible = listed.filter(({ isHidden }) => !isHidden);
  const stringsPath = pathOf(relations, 'sharedStrings', folder);
  const stylesPath = pathOf(relations, 'styles', folder);
  const wanted = new Set([...visible.map(({ path }) => path), stringsPath, stylesPath]);
  const files = await unzipSome(bytes, (name) => wanted.has(name));
  const sharedStrings = await sharedStringsOf(files.get(stringsPath ?? ''));
  const formats = await formatsOf(files.get(stylesPath ?? ''));
  const sheets: WorkbookSheet[] = [];
  for (const { name, path } of visible) {
    const xml = files.get(path);
    if (xml !== undefined) sheets.push({ name, rows: await readSheet(xml, { sharedStrings, formats }) });
  }
  const hidden = listed.filter(({ isHidden }) => isHidden).map(({ name }) => name);
  return { kind: 'sheets', sheets, hidden };
}

/** Another format that is an archive too; null for none that is known. */
function otherFormat(names: readonly string[]): ProblemCode | null {
  if (names.includes('xl/workbook.bin')) return 'excel-binary';
  if (names.includes('content.xml') && names.includes('mimetype')) return 'open-document';
  return null;
}

/** Relations of a part by their ids (OPC, ECMA-376-2 §9.3). */
async function relationsOf(xml: Uint8Array | undefined): Promise<ReadonlyMap<string, Relation>> {
  const relations = new Map<string, Relation>();
  if (xml === undefined) return relations;
  await parseXml(xml, {
    open(name, attributes) {
      if (name !== 'Relationship' || relations.size >= 1000) return;
      const [id, target, type] = ['Id', 'Target', 'Type'].map((key) => attributeOf(attributes, key) ?? '');
      if (id !== undefined && target !== undefined && type !== undefined) relations.set(id, { target, type });
    },
    text() {},
    close() {},
  });
  return relations;
}

function pathOf(relations: ReadonlyMap<string, Relation>, type: string, folder: string): string | null {
  for (const relation of relations.values()) {
    if (relation.type.endsWith(`/${type}`)) return joined(folder, relation.target);
  }
  return null;
}

/** Resolves a target against a folder; in lower case, as {@link unzipSome} names files. */
function joined(folder: string, target: string): string {
  const parts: string[] = [];
  for (const part of (target.startsWith('/') ? target : `${folder}${target}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/').toLowerCase();
}

/** The shared strings of a workbook, without the readings above Japanese characters (§18.4). */
async function sharedStringsOf(xml: Uint8Array | undefined): Promise<readonly string[]> {
  const strings: string[] = [];
  if (xml === undefined) return strings;
  let [text, isInText, inPhonetic] = ['', false, 0];
  await parseXml(xml, {
    open(name) {
      if (name === 'si') text = '';
      else if (name === 't') isInText = true;
      else if (name === 'rPh') inPhonetic++;
    },
    text(more) {
      if (isInText && inPhonetic === 0 && text.length < 1000) text += more;
    },
    close(name) {
      if (name === 't') isInText = false;
      else if (name === 'rPh') inPhonetic--;
      else if (name === 'si') strings.push(unescaped(text));
    },
  });
  return strings;
}

/** The number formats of the styles of cells, by their index (§18.8.10). */
async function formatsOf(xml: Uint8Array | undefined): Promise<readonly NumberFormat[]> {
  const formats: NumberFormat[] = [];
  if (xml === undefined) return formats;
  const codes = new Map<number, string>();
  let isInCells = false;
  await parseXml(xml, {
    open(name, attributes) {
      if (name === 'numFmt') {
        codes.set(Number(attributeOf(attributes, 'numFmtId')), attributeOf(attributes, 'formatCode') ?? '');
      } else if (name === 'cellXfs') isInCells = true;
      else if (name === 'xf' && isInCells) {
        const id = Number(attributeOf(attributes, 'numFmtId') ?? 0);
        formats.push(numberFormat(id, codes.get(id)));
      }
    },
    text() {},
    close(name) {
      if (name === 'cellXfs') isInCells = false;
    },
  });
  return formats;
}
