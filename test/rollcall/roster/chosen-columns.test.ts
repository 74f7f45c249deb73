import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import {
  NOTHING_CHOSEN,
  readColumnUses,
  type RosterChoice,
} from '../../../rollcall/protocol/roster-choice.ts';
import { readRoster, readRosterCsv, type RosterReading } from '../../../rollcall/roster/read-roster.ts';
import { problemText } from '../../../rollcall/roster/roster-problem.ts';
import { makeWorkbook, type TestSheet } from '../support/workbook.ts';

const told = (reading: RosterReading): unknown =>
  reading.kind === 'roster'
    ? reading.entries.map(({ id, name, group }) => `${id}|${name}|${group}`)
    : problemText(reading.problem);
const chosen = (columns: string | null, change: Partial<RosterChoice> = {}): RosterChoice => {
  return { ...NOTHING_CHOSEN, columns: columns === null ? null : readColumnUses(columns), ...change };
};
const usesOf = (reading: RosterReading): readonly (string | null)[] =>
  reading.table?.columns.map(({ use }) => use) ?? [];

describe('a class list whose columns are chosen', () => {
  for (const { name, text, columns, headingLine = null, want } of [
    {
      name: 'another number than the guessed one',
      text: '序号,学号,姓名,座位\n1,S1,李雷,9\n2,S1,韩梅梅,8',
      columns: ',,name,id',
      want: ['9|李雷|', '8|韩梅梅|'],
    },
    {
      name: 'headings that nobody knows',
      text: '代码甲,代码乙\n1,李雷\n2,韩梅梅',
      columns: 'id,name',
      want: ['1|李雷|', '2|韩梅梅|'],
    },
    {
      name: 'headings without one for the names',
      text: '学号,称呼,班级\n1,李雷,7-1',
      columns: 'id,name,group',
      want: ['1|李雷|7-1'],
    },
    {
      name: 'no headings, and two columns of names: family and given',
      text: '王,芳,7-1\n李,雷,7-1',
      columns: 'family,given,group',
      want: ['王芳|王芳|7-1', '李雷|李雷|7-1'],
    },
    {
      name: 'given and family names in letters',
      text: 'Ann,Mary,Lee,1\nBob,,Ray,2',
      columns: 'given,middle,family,id',
      want: ['1|Ann Mary Lee|', '2|Bob Ray|'],
    },
    {
      name: 'two headings of first names, of which one is chosen',
      text: 'First name,First name,ID\nAnn,Lee,1',
      columns: 'given,family,id',
      want: ['1|Ann Lee|'],
    },
    {
      name: 'no column of classes where the guess has one',
      text: '学号,姓名,班级\n1,李雷,7-1',
      columns: 'id,name,',
      want: ['1|李雷|'],
    },
    {
      name: 'columns that are left out at the end',
      text: '学号,姓名,班级\n1,李雷,7-1',
      columns: 'id,name',
      want: ['1|李雷|'],
    },
    {
      name: 'columns that the table does not have',
      text: '1,李雷',
      columns: 'id,name,group,grade',
      want: ['1|李雷|'],
    },
    {
      name: 'two students a row',
      text: '甲,乙,丙,丁\n1,李雷,2,林涛\n3,韩梅梅,,',
      columns: 'id,name,id,name',
      want: ['1|李雷|', '3|韩梅梅|', '2|林涛|'],
    },
    {
      name: 'headings in another row than the guessed one, below titles',
      text: '姓名,学号\n某校,2026\n名字或姓名,编号\n李雷,1',
      columns: null,
      headingLine: 3,
      want: /line 3: no heading says/,
    },
    {
      name: 'no headings where a name is one',
      text: 'Name,1\nNumber,2',
      columns: 'name,id',
      headingLine: 0,
      want: ['1|Name|', '2|Number|'],
    },
    {
      name: 'headings in a row that is not there',
      text: '1,李雷',
      columns: null,
      headingLine: 9,
      want: /line 9/,
    },
    { name: 'no name', text: '1,李雷', columns: 'id,', want: 'no column is chosen for the names' },
    {
      name: 'one use twice',
      text: '1,2,李雷',
      columns: 'id,id,name',
      want: 'two columns are chosen for "id"',
    },
    {
      name: 'two names, and one number for both',
      text: '1,李雷,林涛',
      columns: 'id,name,name',
      want: 'two columns are chosen for "name"',
    },
    {
      name: 'a number that is there twice',
      text: '学号,姓名,组\n1,李雷,4\n2,林涛,4',
      columns: ',name,id',
      want: 'line 3: id "4" is in line 2 already',
    },
    {
      name: 'an empty name',
      text: '学号,姓名,昵称\n1,李雷,\n2,林涛,涛涛',
      columns: 'id,,name',
      want: 'line 2: name: empty',
    },
  ]) {
    it(name, () => {
      const answer = told(readRosterCsv(text, chosen(columns, { headingLine })));
      if (want instanceof RegExp) ok(want.test(String(answer)), String(answer));
      else deepEqual(answer, want);
    });
  }

  it('shows the table where nothing was understood, so that columns can be chosen', () => {
    const reading = readRosterCsv('代码甲,代码乙\n1,李雷\n2,韩梅梅');
    equal(reading.kind, 'refused');
    deepEqual(reading.table, {
      ...{ sheets: [], sheet: '', headingLine: 1 },
      top: [
        { line: 1, cells: ['代码甲', '代码乙'] },
        { line: 2, cells: ['1', '李雷'] },
        { line: 3, cells: ['2', '韩梅梅'] },
      ],
      columns: [
        { heading: '代码甲', use: null },
        { heading: '代码乙', use: null },
      ],
      rows: [
        { line: 2, cells: ['1', '李雷'] },
        { line: 3, cells: ['2', '韩梅梅'] },
      ],
    });
  });

  it('shows what is chosen, also where it makes no list', () => {
    deepEqual(usesOf(readRosterCsv('甲,乙\n1,李雷', chosen('id,id'))), ['id', 'id']);
    deepEqual(usesOf(readRosterCsv('甲,乙\n1,李雷', chosen('id,name'))), ['id', 'name']);
  });

  it('names the column that numbers the students, not one that is empty', () => {
    const reading = readRosterCsv('序号,学号,姓名\n1,,李雷\n2,,韩梅梅');
    deepEqual(told(reading), ['1|李雷|', '2|韩梅梅|']);
    deepEqual(usesOf(reading), ['id', null, 'name']);
  });

  it('has no column where nothing stands', () => {
    equal(readRosterCsv('学号,姓名,,\n1,李雷,,').table?.columns.length, 2);
    deepEqual(told(readRosterCsv('李雷,\n林涛,')), ['李雷|李雷|', '林涛|林涛|']);
  });

  it('is the same list where the guess is chosen', () => {
    const cell = fc.constantFrom('1', '2', '3', '李雷', '韩梅梅', 'Ann Lee', '7-1', '');
    const heading = fc.constantFrom('学号', '姓名', '班级', '序号', '姓', '名', 'x');
    fc.assert(
      fc.property(
        fc.array(heading, { minLength: 1, maxLength: 5 }),
        fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 6 }),
        (headings, rows) => {
          const text = [headings, ...rows].map((fields) => fields.join(',')).join('\n');
          const guess = readRosterCsv(text);
          fc.pre(guess.kind === 'roster' && guess.table !== null);
          if (guess.kind !== 'roster' || guess.table === null) return;
          // A row that takes its number or name from a second column cannot be chosen.
          fc.pre(guess.notes.every(({ code }) => code !== 'other-id-column' && code !== 'names-as-ids'));
          fc.pre(new Set(headings).size === headings.length);
          const columns = guess.columns.map(({ use }) => use);
          const { headingLine } = guess.table;
          const again = readRosterCsv(text, { sheet: null, headingLine, columns });
          fc.pre(!headings.includes('姓名') || (!headings.includes('姓') && !headings.includes('名')));
          deepEqual(told(again), told(guess));
        },
      ),
    );
  });

  it('shows no more of a table than fits', () => {
    const wide = Array.from({ length: 256 }, () => 'x'.repeat(5000)).join(',');
    const { table } = readRosterCsv(Array.from({ length: 50 }, () => wide).join('\n'));
    ok(JSON.stringify(table).length < 400_000);
    deepEqual([table?.top.length, table?.rows.length, table?.columns.length], [12, 5, 256]);
  });
});

describe('a class list of several sheets', () => {
  const HEAD = ['学号', '姓名', '称呼'];
  const SHEETS: readonly TestSheet[] = [
    { name: '说明', rows: [['请填写']] },
    { name: '7-1', rows: [HEAD, ['1', '李雷', '雷雷']] },
    { name: '7-2', rows: [HEAD, ['2', '林涛', '涛涛']] },
    {
      name: '7-3',
      rows: [
        ['姓名', '学号'],
        ['韩梅梅', '3'],
      ],
    },
  ];
  const read = (choice: RosterChoice): Promise<RosterReading> =>
    readRoster(makeWorkbook(SHEETS), null, choice);

  it('shows the first that is read, and lists all', async () => {
    const reading = await read(NOTHING_CHOSEN);
    deepEqual(told(reading), ['1|李雷|7-1', '2|林涛|7-2', '3|韩梅梅|7-3']);
    deepEqual([reading.table?.sheet, reading.table?.sheets], ['7-1', ['说明', '7-1', '7-2', '7-3']]);
  });

  it('has one note of each kind, however many sheets have it', async () => {
    const reading = await read(NOTHING_CHOSEN);
    deepEqual(reading.kind === 'roster' && reading.notes.filter(({ code }) => code === 'columns-unused'), [
      { code: 'columns-unused', words: ['称呼'] },
    ]);
    const export1 = {
      name: 'a',
      rows: [
        ['姓名', 'on roster'],
        ['李雷', 'yes'],
        ['x', 'no'],
      ],
    };
    const export2 = {
      name: 'b',
      rows: [
        ['姓名', 'on roster'],
        ['林涛', 'yes'],
        ['y', 'no'],
        ['z', 'no'],
      ],
    };
    const exported = await readRoster(makeWorkbook([export1, export2]), null);
    const strangers =
      exported.kind === 'roster' && exported.notes.find(({ code }) => code === 'strangers-left-out');
    deepEqual(strangers, { code: 'strangers-left-out', words: ['3'] });
  });

  it('is that of the chosen sheet alone', async () => {
    const reading = await read(chosen(null, { sheet: '7-3' }));
    deepEqual(told(reading), ['3|韩梅梅|']);
    deepEqual(reading.table?.sheets.length, 4);
  });

  it('takes the chosen columns of the sheets with the same headings', async () => {
    deepEqual(told(await read(chosen('id,,name'))), ['1|雷雷|7-1', '2|涛涛|7-2', '3|韩梅梅|7-3']);
  });

  for (const sheet of ['7-4', '']) {
    it(`is refused with a sheet "${sheet}" that is not there`, async () => {
      equal(
        told(await read(chosen(null, { sheet }))),
        `there is no visible sheet "${sheet}" with something in it`,
      );
    });
  }

  it('has no sheets where it is a text', () => {
    equal(readRosterCsv('1,李雷', chosen(null, { sheet: 'x' })).kind, 'refused');
  });
});
