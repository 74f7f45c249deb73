import type { ProblemCode, RosterProblem } from '../protocol/roster-preview.ts';

/** Makes a problem. */
export function problem(code: ProblemCode, place: string, ...words: readonly string[]): RosterProblem {
  return { code, place, words: words.map((word) => (word.length > 60 ? `${word.slice(0, 60)}…` : word)) };
}

const SAVE_AS = 'Save it in Excel as an Excel workbook (.xlsx) or as "CSV UTF-8".';

const SENTENCES: Readonly<Record<ProblemCode, string>> = {
  'encoding-unknown': `the text is not UTF-8, and what else it is cannot be told. ${SAVE_AS} A script names it: "Content-Type: text/csv; charset=gb18030".`,
  'encoding-wrong': `the text is not {0}, as the Content-Type says. ${SAVE_AS} A script that sends UTF-8 says charset=utf-8.`,
  'charset-unknown': `Content-Type: charset "{0}" is not known; want utf-8, gb18030, big5, shift_jis or another of the WHATWG encoding standard`,
  'characters-lost': `"{0}": characters were lost when the file was saved. Open the original and save it as "CSV UTF-8" or .xlsx.`,
  'excel-old': `this is an old Excel file (.xls), or one with a password. ${SAVE_AS}`,
  'excel-binary': `this is a binary Excel workbook (.xlsb). ${SAVE_AS}`,
  'open-document':
    'this is an OpenDocument file (.ods). Save it as an Excel workbook (.xlsx) or as CSV with the character set UTF-8.',
  'web-page': `this is a web page, whatever its name ends with. Open it, and save it in Excel as an Excel workbook (.xlsx) or as "CSV UTF-8".`,
  pdf: 'this is a PDF. Want an Excel workbook (.xlsx) or CSV.',
  'other-file': 'this is a file of the format {0}, and no list. Want an Excel workbook (.xlsx) or CSV.',
  'not-a-workbook': `this cannot be read as an Excel workbook (.xlsx): {0}. ${SAVE_AS}`,
  'workbook-too-large': `the Excel workbook is too large when it is unpacked: {0}. Save the one sheet as CSV UTF-8.`,
  'quote-open': 'a quote is not closed',
  'quote-closed-early': 'text after a closing quote',
  'too-many-columns': 'more than {0} columns',
  'no-name-column':
    'no heading says which column has the names: {0}. Want "name", or "first name" and "last name"; in Chinese "姓名".',
  'headings-unknown':
    'headings that are not known: {0}. Want "id", "name" and "class", or no headings and the columns in this order.',
  'heading-twice': 'the heading "{0}" is there twice',
  'name-not-chosen': 'no column is chosen for the names',
  'column-twice': 'two columns are chosen for "{0}"',
  'no-such-row': 'headings: there is nothing in line {0}',
  'no-such-sheet': 'there is no visible sheet "{0}" with something in it',
  empty: '{0}: empty',
  'too-long': '{0}: {1} characters, want at most {2}',
  'bad-characters': '{0}: "{1}" has a control character, or none that can be seen',
  'id-twice': 'id "{0}" is in {1} already',
  'name-twice':
    'name "{0}" is in {1} already, and nothing tells the two apart: add a column with numbers or classes',
  date: '{0}: the spreadsheet has made a date of it ({1}). Format the column as text and write it again.',
  'number-inexact':
    '{0}: {1} has lost digits, since spreadsheets keep 15 of a number. Format the column as text and write it again.',
  'formula-empty': '{0}: a formula without a value. Open the workbook in Excel and save it.',
  'cell-error': '{0}: the cell has the error {1}',
  'too-many': 'roster: {0} entries, want at most {1}',
  nobody: 'no student is in this list',
  'not-a-list': 'roster: want a list',
  'not-an-object': 'want an object',
  'not-text': '{0}: want text',
};

/** A problem as a sentence in English: place first, then what is wrong and what helps. */
export function problemText({ code, place, words }: RosterProblem): string {
  const sentence = SENTENCES[code].replaceAll(/\{(\d)\}/g, (_, i: string) => words[Number(i)] ?? '');
  return place === '' ? sentence : `${place}: ${sentence}`;
}
