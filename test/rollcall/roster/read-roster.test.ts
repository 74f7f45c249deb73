import { deepEqual, equal, match, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { kindOfHeading } from '../../../rollcall/roster/headings.ts';
import { readRosterCsv, readRosterJson, type RosterReading } from '../../../rollcall/roster/read-roster.ts';
import { ROSTER_MAX } from '../../../rollcall/roster/roster-entries.ts';
import { problemText } from '../../../rollcall/roster/roster-problem.ts';

const LI = { id: '1', name: '李雷', group: '7-1' };

const told = (reading: RosterReading): unknown =>
  reading.kind === 'roster'
    ? reading.entries.map(({ id, name, group }) => `${id}|${name}|${group}`)
    : problemText(reading.problem);
const notesOf = (reading: RosterReading): string[] =>
  reading.kind === 'roster' ? reading.notes.map(({ code, words }) => [code, ...words].join(' ')) : [];

describe('a class list from CSV', () => {
  for (const { name, text, want } of [
    { name: 'names alone', text: '李雷\n韩梅梅\n', want: ['李雷|李雷|', '韩梅梅|韩梅梅|'] },
    { name: 'names under a heading', text: '姓名\n李雷', want: ['李雷|李雷|'] },
    { name: 'number and name', text: '1,李雷\n2,韩梅梅', want: ['1|李雷|', '2|韩梅梅|'] },
    { name: 'number, name and class', text: '1,李雷,7-1', want: ['1|李雷|7-1'] },
    { name: 'columns in any order', text: '班级,姓名,学号\n7-1,李雷,1', want: ['1|李雷|7-1'] },
    { name: 'columns that are not known', text: 'Name;Sex;ID\n李雷;m;1', want: ['1|李雷|'] },
    { name: 'headings without numbers', text: 'name,class\n李雷,7-1', want: ['李雷|李雷|7-1'] },
    { name: 'blanks around', text: ' 1 , 李雷 ', want: ['1|李雷|'] },
    {
      name: 'no headings, and the class first',
      text: '七1班,1,李雷\n七1班,2,韩梅梅',
      want: ['1|李雷|七1班', '2|韩梅梅|七1班'],
    },
    {
      name: 'no headings, and a line number in front',
      text: '1,20230101,李雷,七1班\n2,20230102,韩梅梅,七1班',
      want: ['20230101|李雷|七1班', '20230102|韩梅梅|七1班'],
    },
    { name: 'nothing', text: '\ufeff\r\n', want: [] },
    {
      name: 'a serial number',
      text: '序号,学号,姓名,班级\n1,20230101,李雷,七1班',
      want: ['20230101|李雷|七1班'],
    },
    {
      name: 'a serial number that begins again in each class',
      text: '序号,学号,姓名,班级\n1,20230101,李雷,七1班\n1,20230201,韩梅梅,七2班',
      want: ['20230101|李雷|七1班', '20230201|韩梅梅|七2班'],
    },
    {
      name: 'serial numbers alone',
      text: '序号,姓名,班级\n1,李雷,七1班\n1,韩梅梅,七2班',
      want: ['七1班 1|李雷|七1班', '七2班 1|韩梅梅|七2班'],
    },
    {
      name: 'serial numbers that repeat',
      text: '序号,姓名\n1,李雷\n1,韩梅梅',
      want: ['李雷|李雷|', '韩梅梅|韩梅梅|'],
    },
    {
      name: 'student numbers that begin again in each class',
      text: '学号,姓名,班级\n1,李雷,七1班\n1,韩梅梅,七2班',
      want: ['七1班 1|李雷|七1班', '七2班 1|韩梅梅|七2班'],
    },
    {
      name: 'two of one name in two classes, without numbers',
      text: '姓名,班级\n王芳,七1班\n王芳,七2班',
      want: ['七1班 王芳|王芳|七1班', '七2班 王芳|王芳|七2班'],
    },
    {
      name: 'first and last names',
      text: 'First name,Last name,ID number\nAnn,Lee,S1',
      want: ['S1|Ann Lee|'],
    },
    {
      name: 'surname and given names',
      text: 'Surname;Given names;No.\nLee;Ann Mary;7',
      want: ['7|Ann Mary Lee|'],
    },
    { name: 'a middle name', text: 'Last,First,Middle,ID\nLee,Ann,M,1', want: ['1|Ann M Lee|'] },
    { name: '姓 and 名', text: '学号,姓,名\n1,李,雷', want: ['1|李雷|'] },
    {
      name: 'blanks in headings',
      text: '学 号,姓 名,班 级\n20230101,李雷,七1班',
      want: ['20230101|李雷|七1班'],
    },
    { name: 'stars in headings', text: '学号*,姓名*\n20230101,李雷', want: ['20230101|李雷|'] },
    { name: 'notes in headings', text: '*学号（必填）：,姓名（汉字）\n1,李雷', want: ['1|李雷|'] },
    { name: 'headings in capitals and full width', text: 'ＩＤ,NAME,Class:\n1,Ann,7a', want: ['1|Ann|7a'] },
    { name: 'headings in two languages', text: '学号 Student ID,姓名/Name\n1,李雷', want: ['1|李雷|'] },
    { name: 'headings in two lines', text: '"学号\nNo.","姓名\nName"\n1,李雷', want: ['1|李雷|'] },
    {
      name: 'traditional headings',
      text: '座號,學號,姓名,班級\n1,110123,陳怡君,七年1班',
      want: ['110123|陳怡君|七年1班'],
    },
    { name: 'Japanese headings', text: '学籍番号,氏名,クラス\n1,佐藤 花子,1組', want: ['1|佐藤 花子|1組'] },
    { name: 'Korean headings', text: '학번,이름,반\n1,김민수,3', want: ['1|김민수|3'] },
    {
      name: 'German headings',
      text: 'Nachname;Vorname;Klasse\nMüller;Jörg;7a',
      want: ['Jörg Müller|Jörg Müller|7a'],
    },
    {
      name: 'Russian headings',
      text: 'Фамилия;Имя;Класс\nИванов;Пётр;7а',
      want: ['Пётр Иванов|Пётр Иванов|7а'],
    },
    {
      name: "Moodle's participants",
      text: 'First name,Last name,ID number,Email address\nAnn,Lee,S1,a@x\nBob,Ray,,b@x',
      want: ['S1|Ann Lee|', 'b@x|Bob Ray|'],
    },
    {
      name: "Moodle's participants without numbers",
      text: '"First name","Last name","ID number","Email address"\nAnn,Lee,,a@x.example',
      want: ['a@x.example|Ann Lee|'],
    },
    {
      name: "Canvas's grades",
      text: 'Student,ID,SIS User ID,SIS Login ID,Section,Essay (12)\n    Points Possible,,,,,10\n"Lee, Ann",88,S1,alee,7A,9\n"Student, Test",99,,abc,7A,',
      want: ['S1|Lee, Ann|7A'],
    },
    {
      name: "Google Classroom's grades",
      text: 'Last Name,First Name,Email Address,Essay\nDate,,,2026-11-01\nPoints,,,100\nClass Average,,,88\nLee,Ann,ann@x.example,90',
      want: ['ann@x.example|Ann Lee|'],
    },
    {
      name: 'a title above, a blank line, a date',
      text: '2024学年 七年级1班 学生名单,,\n,,\n制表日期：2024-09-01\n学号,姓名,班级\n1,李雷,七1班',
      want: ['1|李雷|七1班'],
    },
    {
      name: 'totals and remarks below',
      text: '学号,姓名\n1,李雷\n合计,1人\n班主任：王老师\n备注：,无\n共1人\n,\n',
      want: ['1|李雷|'],
    },
    { name: 'an English total', text: 'ID,Name\n1,Ann\nTotal: 1', want: ['1|Ann|'] },
    { name: 'a student called Sum', text: 'ID,Name\n1,Sum\n2,Date', want: ['1|Sum|', '2|Date|'] },
    { name: 'a student called Sum, without numbers', text: 'Name\nSum\nAnn', want: ['Sum|Sum|', 'Ann|Ann|'] },
    {
      name: 'headings again on each page',
      text: '学号,姓名\n1,李雷\n学号,姓名\n2,韩梅梅',
      want: ['1|李雷|', '2|韩梅梅|'],
    },
    {
      name: 'two students a row',
      text: '学号,姓名,,学号,姓名\n1,李雷,,3,林涛\n2,韩梅梅,,,',
      want: ['1|李雷|', '2|韩梅梅|', '3|林涛|'],
    },
    {
      name: 'grade and class apart',
      text: '年级,班级,学号,姓名\n七年级,1班,1,李雷',
      want: ['1|李雷|七年级1班'],
    },
    { name: 'a grade that is a mark', text: 'ID,Name,Grade\n1,Ann,95', want: ['1|Ann|'] },
    { name: 'digits in full width', text: '学号,姓名\n２０２３０１,李雷', want: ['202301|李雷|'] },
    {
      name: 'numbers with zeros in front',
      text: 'id,name\n00123,李雷\n\'00124,韩梅梅\n="00125",林涛',
      want: ['00123|李雷|', '00124|韩梅梅|', '00125|林涛|'],
    },
    { name: 'quoted line breaks in a name', text: 'id,name\n1,"李雷\n(转学)"', want: ['1|李雷 (转学)|'] },
    { name: 'a formula that was made harmless', text: "id,name,group\n1,'=cmd,'=x", want: ['1|=cmd|=x'] },
    {
      name: 'an export of ours, without those who are not on the list',
      text: '\ufeffid,name,group,on roster,minutes watched\r\n00123,李雷,7-1,yes,4\r\nguest-1,王芳,,no,4\r\n',
      want: ['00123|李雷|7-1'],
    },
    {
      name: 'an identity card beside a student number',
      text: '身份证号,姓名,学号\n110101201001011234,李雷,7',
      want: ['7|李雷|'],
    },
    {
      name: 'identity cards alone',
      text: '身份证号,姓名\n110101201001011234,李雷',
      want: ['110101201001011234|李雷|'],
    },
    {
      name: 'names that contain headings',
      text: '学号,姓名\n1,班小姓\n2,学生',
      want: ['1|班小姓|', '2|学生|'],
    },
    { name: "old Macs' line ends", text: '学号,姓名\r1,李雷\r2,韩梅梅', want: ['1|李雷|', '2|韩梅梅|'] },
  ]) {
    it(`has ${name}`, () => deepEqual(told(readRosterCsv(text)), want));
  }

  for (const { name, text, want } of [
    { name: 'a number twice', text: '1,李雷\n\n1,韩梅梅', want: /^line 3: id "1" is in line 1 already$/ },
    {
      name: 'a number twice in one class',
      text: '学号,姓名,班级\n1,李雷,七1班\n1,韩梅梅,七1班',
      want: /^line 3: id "1" is in line 2 already$/,
    },
    {
      name: 'a name twice',
      text: '李雷\n李雷',
      want: /^line 2: name "李雷" is in line 1 already, .* numbers or classes$/,
    },
    { name: 'a row without a name', text: '1,李雷\n2,', want: /^line 2: name/ },
    { name: 'a row without a number', text: '1,李雷\n,韩梅梅', want: /^line 2: id/ },
    {
      name: 'a name that is too long',
      text: `1,${'李'.repeat(200)}`,
      want: /^line 1: name: 200 characters, want at most 60$/,
    },
    { name: 'a quote that never ends', text: '1,李雷\n2,"韩', want: /^line 2: a quote/ },
    {
      name: 'a heading that is known beside one that is not',
      text: 'Kid,Form\nAnn,7a\nBob,7b',
      want: /^line 1: no heading says .* "Kid", "Form"/,
    },
    {
      name: 'headings without any that is known',
      text: 'Wer,Wo\nAnn,7a\nBob,7b',
      want: /^line 1: headings that are not known: "Wer", "Wo"/,
    },
    {
      name: 'no heading of names',
      text: '学号,称呼\n1,李雷',
      want: /^line 1: no heading says which column has the names: "学号", "称呼"/,
    },
    { name: 'nothing but headings', text: '学号,姓名\n', want: /^no student is in this list$/ },
    {
      name: 'numbers that lost their digits',
      text: 'id,name\n1.10101E+17,李雷',
      want: /^line 2: id: 1.10101E\+17 has lost digits/i,
    },
    {
      name: 'names that lost their characters',
      text: '1,??\n2,???',
      want: /^line 1: "\?\?": characters were lost/,
    },
    {
      name: 'two columns of first names',
      text: 'First name,First name,ID\nAnn,Lee,1',
      want: /^line 1: the heading/,
    },
    {
      name: 'no names at all',
      text: '1,2\n3,4',
      want: /^line 1: no heading says which column has the names/,
    },
  ]) {
    it(`is refused with ${name}, and it is said where`, () => {
      match(String(told(readRosterCsv(text))), want);
    });
  }

  for (const { name, text, want } of [
    { name: 'that there are no headings', text: '1,李雷', want: ['no-headings'] },
    { name: 'what stands above', text: '名单\n学号,姓名\n1,李雷', want: ['above-headings line 1'] },
    { name: 'columns that are not used', text: '学号,性别,姓名\n1,男,李雷', want: ['columns-unused 性别'] },
    {
      name: 'rows that are left out',
      text: '学号,姓名\n1,李雷\n合计,1',
      want: ['rows-left-out line 3 "合计"'],
    },
    { name: 'names that number students', text: '姓名,班级\n李雷,1班', want: ['names-as-ids 1'] },
    {
      name: 'numbers of classes',
      text: '学号,姓名,班级\n1,李雷,1班\n1,韩梅梅,2班',
      want: ['ids-with-class'],
    },
    {
      name: 'classes that look like dates',
      text: '学号,姓名,班级\n1,李雷,7月1日\n2,林涛,1-Jul',
      want: ['dates-as-classes line 2 "7月1日" line 3 "1-Jul"'],
    },
  ]) {
    it(`tells ${name}`, () => deepEqual(notesOf(readRosterCsv(text)), want));
  }

  it('may be that of a city, and no more', () => {
    const rows = Array.from({ length: ROSTER_MAX }, (_, i) => `${i},李雷`);
    equal(readRosterCsv(rows.join('\n')).kind, 'roster');
    equal(readRosterCsv([...rows, 'x,李雷'].join('\n')).kind, 'refused');
  });

  it('never has a student whose name is a heading', () => {
    const heading = fc.constantFrom(
      '学号',
      '姓名',
      '班级',
      '序号',
      'Name',
      'Student ID',
      'Class',
      '性别',
      'Email',
      '备注',
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(heading, { minLength: 1 }),
        fc.constantFrom(',', ';', '\t'),
        (headings, delimiter) => {
          const row = headings.map((_, i) => `${i}x`);
          const reading = readRosterCsv([headings, row].map((fields) => fields.join(delimiter)).join('\n'));
          if (reading.kind === 'refused') return;
          for (const { name } of reading.entries)
            ok(kindOfHeading(name) === null && !headings.some((one) => one === name), name);
        },
      ),
    );
  });

  it('takes any text, or says why not', () => {
    const part = fc.constantFrom(
      '学号',
      '姓名',
      ',',
      ';',
      '\n',
      '"',
      '1',
      '李雷',
      ' ',
      '=',
      '\t',
      '合计',
      'a',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        const reading = readRosterCsv(parts.join(''));
        ok(reading.kind === 'roster' || problemText(reading.problem).length > 5);
      }),
    );
  });
});

describe('a class list from JSON', () => {
  it('is a list of entries; the group may be left out, and a number is taken as its digits', () => {
    deepEqual(told(readRosterJson([LI, { id: '2', name: '韩梅梅' }, { id: 3, name: '林涛' }])), [
      ...['1|李雷|7-1', '2|韩梅梅|', '3|林涛|'],
    ]);
  });

  for (const { name, value, want } of [
    { name: 'no list', value: { students: [] }, want: /^roster: want a list$/ },
    { name: 'an entry that is none', value: [LI, '韩梅梅'], want: /^entry 1: want an object$/ },
    { name: 'a number that is not exact', value: [{ id: 1e21, name: '李雷' }], want: /^entry 0: id/ },
    { name: 'no number', value: [{ name: '李雷' }], want: /^entry 0: id: want text$/ },
    { name: 'an id twice', value: [LI, LI], want: /^entry 1: id "1" is in entry 0 already$/ },
    {
      name: 'a character that was lost',
      value: [{ id: '1', name: '李\ufffd' }],
      want: /characters were lost/,
    },
  ]) {
    it(`is refused: ${name}`, () => match(String(told(readRosterJson(value))), want));
  }
});
