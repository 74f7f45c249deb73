import { deepEqual } from 'node:assert/strict';
import { readRosterCsv, type RosterReading } from '../../../rollcall/roster/read-roster.ts';
import { problemText } from '../../../rollcall/roster/roster-problem.ts';

const told = (reading: RosterReading): unknown =>
  reading.kind === 'roster'
    ? reading.entries.map(({ id, name, group }) => `${id}|${name}|${group}`)
    : problemText(reading.problem);

describe('a class list as it is pasted', () => {
  for (const { name, text, want } of [
    {
      name: 'numbers that a program took for fractions',
      text: '学号,姓名,班级\n20240101.0,李雷,7.0\n20240102.0,韩梅梅,7.0\n合计,2',
      want: ['20240101|李雷|7', '20240102|韩梅梅|7'],
    },
    {
      name: 'numbers of which some are fractions',
      text: '学号,姓名,班级\n1.0,李雷,7.1\n1.2,韩梅梅,7.0',
      want: ['1.0|李雷|7.1', '1.2|韩梅梅|7.0'],
    },
    { name: 'numbered lines', text: '1.李雷\n2. 韩梅梅\n3．林涛', want: ['1|李雷|', '2|韩梅梅|', '3|林涛|'] },
    {
      name: 'numbered lines in brackets',
      text: '(1) Ann Lee\n（2）Bob Ray',
      want: ['1|Ann Lee|', '2|Bob Ray|'],
    },
    {
      name: 'a chat in which each has entered herself',
      text: '#接龙\n签到\n\n1. 李雷\n2. 韩梅梅',
      want: ['1|李雷|', '2|韩梅梅|'],
    },
    { name: 'enumeration commas', text: '1、李雷\n2、韩梅梅', want: ['1|李雷|', '2|韩梅梅|'] },
    { name: 'enumeration commas and headings', text: '学号、姓名\n1、李雷', want: ['1|李雷|'] },
    {
      name: 'all names in one line',
      text: '李雷、韩梅梅、李林涛',
      want: ['李雷|李雷|', '韩梅梅|韩梅梅|', '李林涛|李林涛|'],
    },
    {
      name: 'names side by side',
      text: '李雷\t韩梅梅\t林涛\n王 芳\t赵敏\t',
      want: ['李雷|李雷|', '王 芳|王 芳|', '韩梅梅|韩梅梅|', '赵敏|赵敏|', '林涛|林涛|'],
    },
    {
      name: 'columns of words, which are no names side by side',
      text: '李雷,语文,初一\n韩梅梅,语文,初一',
      want: ['李雷|语文|初一', '韩梅梅|语文|初一'],
    },
    { name: 'a number sign in headings', text: 'Legal Name,Student #\nAnn Lee,1', want: ['1|Ann Lee|'] },
    { name: 'a number sign alone', text: '#,Name\n1,Ann', want: ['1|Ann|'] },
    { name: 'lines that are drawn', text: '| 学号 | 姓名 |\n|---|:-:|\n| 1 | 李雷 |', want: ['1|李雷|'] },
    {
      name: 'sums of boys and girls below',
      text: '学号,姓名\n1,李雷\n本班共30人,\n男生：15人,女生：15人\n',
      want: ['1|李雷|'],
    },
  ]) {
    it(`has ${name}`, () => deepEqual(told(readRosterCsv(text)), want));
  }

  it('tells what stands above numbered lines', () => {
    const reading = readRosterCsv('#接龙\n1. 李雷\n2. 韩梅梅');
    deepEqual(reading.kind === 'roster' && reading.notes, [
      { code: 'no-headings', words: [] },
      { code: 'rows-left-out', words: ['line 1 "#接龙"'] },
    ]);
  });
});
