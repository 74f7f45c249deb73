import type { NoteCode, ProblemCode } from '../../rollcall/protocol/roster-preview.ts';

type RosterKey =
  | `note.${NoteCode}`
  | `problem.${ProblemCode}`
  | `use.${'id' | 'name' | 'family' | 'given' | 'middle' | 'group' | 'grade' | 'none'}`
  | 'title'
  | 'size'
  | 'sizeOne'
  | 'column'
  | 'take'
  | 'cancel'
  | 'encoding'
  | 'encodingAuto'
  | 'more'
  | 'reading'
  | 'unreadable'
  | 'columns'
  | 'sheet'
  | 'sheetsAll'
  | 'headings'
  | 'headingsNone'
  | 'row'
  | 'result';

/** Texts of the preview of a class list. {0}, {1} and {2} are the words of a note or problem; {words} are all of them. */
export const ROSTER_STRINGS: Readonly<Record<'en' | 'zh', Readonly<Record<RosterKey, string>>>> = {
  en: {
    title: 'This is how the list would be read',
    size: '{count} students',
    sizeOne: '1 student',
    column: 'Column {number}',
    take: 'Use this list',
    cancel: 'Do not use it',
    encoding: 'Names look wrong? Encoding of the file:',
    encodingAuto: 'As it was found',
    more: '… and {count} more',
    reading: 'Reading the file…',
    unreadable: 'the file cannot be read from this device. Choose it again.',
    columns: 'Is a column wrong? Choose what it is.',
    sheet: 'Sheet:',
    sheetsAll: 'All that have headings',
    headings: 'Headings are in:',
    headingsNone: 'No headings',
    row: 'Row {number}',
    result: 'So the first students would be listed',
    'use.id': 'number',
    'use.name': 'name',
    'use.family': 'family name',
    'use.given': 'first name',
    'use.middle': 'middle name',
    'use.group': 'class',
    'use.grade': 'grade',
    'use.none': 'not used',
    'note.encoding-guessed': 'The file is not in UTF-8; it was read as {words}. Please check the names.',
    'note.no-headings': 'The file has no headings: its columns are taken by their order and content.',
    'note.above-headings': 'Left out above the headings: {words}',
    'note.columns-unused': 'Columns that are not used: {words}',
    'note.rows-left-out': 'Rows that are left out: {words}',
    'note.strangers-left-out': 'Left out, because they are not on the class list of that export: {words}',
    'note.names-as-ids': 'The list has no numbers: students are told apart by their names.',
    'note.ids-with-class': 'Numbers begin again in each class: class and number together count.',
    'note.other-id-column': 'Another column gave the number: {words}',
    'note.dates-as-classes': 'These classes look as if the spreadsheet had made dates of them: {words}',
    'note.sheets': 'Sheets that were read: {words}',
    'note.sheets-left-out': 'Sheets that are left out: {words}',
    'problem.encoding-unknown':
      'It cannot be told in which encoding the file is. Save it in Excel as an Excel workbook (.xlsx) or as “CSV UTF-8”, or choose its encoding below.',
    'problem.encoding-wrong': 'The file is not in the encoding {0}. Choose another one below.',
    'problem.charset-unknown': 'The encoding {0} is not known.',
    'problem.characters-lost':
      '“{0}”: characters were lost when the file was saved. Open the original and save it as an Excel workbook (.xlsx) or “CSV UTF-8”.',
    'problem.excel-old':
      'This is an old Excel file (.xls), or one with a password. Save it in Excel as an Excel workbook (.xlsx).',
    'problem.excel-binary':
      'This is a binary Excel file (.xlsb). Save it in Excel as an Excel workbook (.xlsx).',
    'problem.open-document': 'This is an OpenDocument file (.ods). Save it as an Excel workbook (.xlsx).',
    'problem.web-page':
      'This is a web page that is called a spreadsheet. Open it in Excel and save it as .xlsx.',
    'problem.pdf': 'This is a PDF. An Excel workbook (.xlsx) or CSV is needed.',
    'problem.other-file': 'This is a file of the format {0}. An Excel workbook (.xlsx) or CSV is needed.',
    'problem.not-a-workbook':
      'This is no Excel workbook, or it is damaged. Save it again as .xlsx or “CSV UTF-8”.',
    'problem.workbook-too-large': 'The workbook is too large. Save the one sheet as “CSV UTF-8”.',
    'problem.quote-open': 'a quote is not closed',
    'problem.quote-closed-early': 'text after a closing quote',
    'problem.too-many-columns': 'more than {0} columns',
    'problem.no-name-column':
      'no heading says which column has the names: {0}. Call it “name”, or “first name” and “last name”.',
    'problem.headings-unknown':
      'headings that are not known: {0}. Call them “id”, “name” and “class”, or leave them out.',
    'problem.heading-twice': 'the heading “{0}” is there twice',
    'problem.name-not-chosen': 'Choose the column that has the names.',
    'problem.column-twice': 'Two columns are chosen as “{0}”. Choose one of them.',
    'problem.no-such-row': 'There is nothing in row {0}. Choose another row for the headings.',
    'problem.no-such-sheet': 'There is no sheet “{0}” with something in it.',
    'problem.empty': 'the cell for “{0}” is empty',
    'problem.too-long': '“{0}” has {1} characters, at most {2} are allowed',
    'problem.bad-characters': '“{0}” has characters that cannot be shown: {1}',
    'problem.id-twice': 'the number “{0}” is in {1} already',
    'problem.name-twice': 'the name “{0}” is in {1} already. Add a column with numbers or classes.',
    'problem.date': '“{0}”: Excel has made a date of it ({1}). Format the column as text and write it again.',
    'problem.number-inexact':
      '“{0}”: {1} has lost digits. Format the column as text and write the number again.',
    'problem.formula-empty': '“{0}”: a formula without a value. Open the workbook in Excel and save it.',
    'problem.cell-error': '“{0}”: the cell has the error {1}',
    'problem.too-many': '{0} students; at most {1} are possible',
    'problem.nobody': 'no student is in this list',
    'problem.not-a-list': 'this is no list',
    'problem.not-an-object': 'this is no student',
    'problem.not-text': '“{0}” is no text',
  },
  zh: {
    title: '名单将这样读取，请核对',
    size: '{count} 名学生',
    sizeOne: '1 名学生',
    column: '第 {number} 列',
    take: '使用这份名单',
    cancel: '不使用',
    encoding: '姓名显示不对？文件编码：',
    encodingAuto: '自动识别',
    more: '……另有 {count} 名',
    reading: '正在读取文件…',
    unreadable: '无法从本机读取该文件，请重新选择。',
    columns: '哪一列不对？请选择它的用途。',
    sheet: '工作表：',
    sheetsAll: '所有有表头的',
    headings: '表头在：',
    headingsNone: '没有表头',
    row: '第 {number} 行',
    result: '前几名学生将这样列出',
    'use.id': '学号',
    'use.name': '姓名',
    'use.family': '姓',
    'use.given': '名',
    'use.middle': '中间名',
    'use.group': '班级',
    'use.grade': '年级',
    'use.none': '不使用',
    'note.encoding-guessed': '文件不是 UTF-8 编码，已按 {words} 读取，请核对姓名。',
    'note.no-headings': '文件没有表头，按各列的顺序和内容读取。',
    'note.above-headings': '表头上方未读取：{words}',
    'note.columns-unused': '未使用的列：{words}',
    'note.rows-left-out': '未读取的行：{words}',
    'note.strangers-left-out': '导出表中不在名单上的人，未读取：{words}',
    'note.names-as-ids': '名单没有学号，按姓名区分学生。',
    'note.ids-with-class': '各班学号重复，按“班级＋学号”区分学生。',
    'note.other-id-column': '以下行的学号取自其他列：{words}',
    'note.dates-as-classes': '以下班级可能被表格软件改成了日期：{words}',
    'note.sheets': '已读取的工作表：{words}',
    'note.sheets-left-out': '未读取的工作表：{words}',
    'problem.encoding-unknown':
      '无法识别文件编码。请在 Excel 里另存为 Excel 工作簿（.xlsx）或“CSV UTF-8”，或在下面选择编码。',
    'problem.encoding-wrong': '文件不是 {0} 编码，请在下面选择其他编码。',
    'problem.charset-unknown': '不支持编码 {0}。',
    'problem.characters-lost':
      '“{0}”：保存时丢失了文字。请打开原文件，另存为 Excel 工作簿（.xlsx）或“CSV UTF-8”。',
    'problem.excel-old':
      '这是旧版 Excel 文件（.xls）或有密码的文件，请在 Excel 里另存为 Excel 工作簿（.xlsx）。',
    'problem.excel-binary': '这是二进制 Excel 文件（.xlsb），请在 Excel 里另存为 Excel 工作簿（.xlsx）。',
    'problem.open-document': '这是 OpenDocument 文件（.ods），请另存为 Excel 工作簿（.xlsx）。',
    'problem.web-page': '这其实是网页，不是表格文件。请用 Excel 打开，再另存为 .xlsx。',
    'problem.pdf': '这是 PDF 文件，请使用 Excel 工作簿（.xlsx）或 CSV。',
    'problem.other-file': '这是 {0} 格式的文件，请使用 Excel 工作簿（.xlsx）或 CSV。',
    'problem.not-a-workbook': '这不是 Excel 工作簿，或文件已损坏。请重新另存为 .xlsx 或“CSV UTF-8”。',
    'problem.workbook-too-large': '工作簿太大，请把名单所在的工作表另存为“CSV UTF-8”。',
    'problem.quote-open': '引号没有闭合',
    'problem.quote-closed-early': '右引号后面还有文字',
    'problem.too-many-columns': '超过 {0} 列',
    'problem.no-name-column': '没有“姓名”一列，现有表头：{0}。请把姓名列的表头改为“姓名”。',
    'problem.headings-unknown': '不认识的表头：{0}。请改为“学号”“姓名”“班级”，或去掉表头。',
    'problem.heading-twice': '表头“{0}”出现了两次',
    'problem.name-not-chosen': '请选择哪一列是姓名。',
    'problem.column-twice': '有两列都选为“{0}”，请只保留一列。',
    'problem.no-such-row': '第 {0} 行没有内容，请另选表头所在的行。',
    'problem.no-such-sheet': '没有名为“{0}”且有内容的工作表。',
    'problem.empty': '“{0}”一栏为空',
    'problem.too-long': '“{0}”有 {1} 个字符，最多 {2} 个',
    'problem.bad-characters': '“{0}”含有无法显示的字符：{1}',
    'problem.id-twice': '学号“{0}”与 {1} 重复',
    'problem.name-twice': '姓名“{0}”与 {1} 重复，请加上学号或班级一列。',
    'problem.date': '“{0}”被 Excel 改成了日期（{1}）。请把该列设为文本格式，再重新输入。',
    'problem.number-inexact': '“{0}”：{1} 丢失了数字。请把该列设为文本格式，再重新输入。',
    'problem.formula-empty': '“{0}”是没有结果的公式，请用 Excel 打开并保存。',
    'problem.cell-error': '“{0}”：单元格有错误 {1}',
    'problem.too-many': '共 {0} 名学生，最多 {1} 名',
    'problem.nobody': '名单里没有学生',
    'problem.not-a-list': '这不是名单',
    'problem.not-an-object': '这不是学生',
    'problem.not-text': '“{0}”不是文字',
  },
};
