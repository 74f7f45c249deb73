import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { ROSTER_MAX, readRosterCsv, readRosterJson } from '../../../rollcall/roster/roster-csv.ts';

const LI = { id: '1', name: '李雷', group: '7-1' };

describe('a class list from CSV', () => {
  for (const { name, text, want } of [
    { name: 'names alone', text: '李雷\n韩梅梅\n', want: ['李雷 李雷 ', '韩梅梅 韩梅梅 '] },
    { name: 'number and name', text: '1,李雷\n2,韩梅梅', want: ['1 李雷 ', '2 韩梅梅 '] },
    { name: 'number, name and class', text: '1,李雷,7-1', want: ['1 李雷 7-1'] },
    {
      name: 'columns with Chinese names, in any order',
      text: '班级,姓名,学号\n7-1,李雷,1',
      want: ['1 李雷 7-1'],
    },
    {
      name: 'columns in English, of which some are unknown',
      text: 'Name;Sex;ID\n李雷;m;1',
      want: ['1 李雷 '],
    },
    { name: 'a head without numbers', text: 'name,class\n李雷,7-1', want: ['李雷 李雷 7-1'] },
    { name: 'blanks around', text: ' 1 , 李雷 ', want: ['1 李雷 '] },
    { name: 'nothing', text: '\ufeff\r\n', want: [] },
  ]) {
    it(`has ${name}`, () => {
      const list = readRosterCsv(text);
      ok(list.ok, list.ok ? '' : list.reason);
      deepEqual(
        list.value.map(({ id, name, group }) => `${id} ${name} ${group}`),
        want,
      );
    });
  }

  for (const { name, text, want } of [
    { name: 'a number twice', text: '1,李雷\n\n1,韩梅梅', want: /^line 3: id "1" is in line 1 already$/ },
    { name: 'a row without a name', text: '1,李雷\n2,', want: /^line 2: name/ },
    { name: 'a row without a number', text: '1,李雷\n,韩梅梅', want: /^line 2: id/ },
    { name: 'a name that is too long', text: `1,${'李'.repeat(200)}`, want: /^line 1: name/ },
    { name: 'a quote that never ends', text: '1,李雷\n2,"韩', want: /^line 2: / },
  ]) {
    it(`is refused with ${name}, and it is said where`, () => {
      const list = readRosterCsv(text);
      match(list.ok ? 'taken' : list.reason, want);
    });
  }

  it('may be that of a city, and no more', () => {
    const rows = Array.from({ length: ROSTER_MAX }, (_, i) => `${i},李雷`);
    ok(readRosterCsv(rows.join('\n')).ok);
    equal(readRosterCsv([...rows, 'x,李雷'].join('\n')).ok, false);
  });
});

describe('a class list from JSON', () => {
  it('is a list of entries; the group may be left out', () => {
    deepEqual(readRosterJson([LI, { id: '2', name: '韩梅梅' }]), {
      ...{ ok: true, value: [LI, { id: '2', name: '韩梅梅', group: '' }] },
    });
  });

  for (const { name, value, want } of [
    { name: 'no list', value: { students: [] }, want: /^roster: want a list$/ },
    { name: 'an entry that is none', value: [LI, '韩梅梅'], want: /^entry 1: want an object$/ },
    { name: 'a number that is none of text', value: [{ id: 7, name: '李雷' }], want: /^entry 0: id/ },
    { name: 'an id twice', value: [LI, LI], want: /^entry 1: id "1" is in entry 0 already$/ },
  ]) {
    it(`is refused: ${name}`, () => {
      const list = readRosterJson(value);
      match(list.ok ? 'taken' : list.reason, want);
    });
  }
});
