import { deepEqual, equal } from 'node:assert/strict';
import { RosterIndex } from '../../../rollcall/roster/roster-index.ts';

const ENTRIES = [
  { id: '1', name: '李雷', group: '7-1' },
  { id: '2', name: '韩梅梅', group: '7-1' },
  { id: '3', name: 'Ann Lee', group: '' },
  { id: '4', name: '王芳', group: '7-1' },
  { id: '5', name: '王芳', group: '7-2' },
];

describe('who somebody is on a roster', () => {
  for (const { name, sub, called, want } of [
    { name: 'by the id of the school', sub: '2', called: 'whatever', want: '2' },
    { name: 'by the id before the name', sub: '2', called: '李雷', want: '2' },
    { name: 'a guest by her name', sub: 'guest', called: '李雷', want: '1' },
    { name: 'by a name with a blank in it', sub: 'guest', called: ' 李 雷 ', want: '1' },
    { name: 'by a name in another case and width', sub: 'guest', called: 'ＡＮＮ lee', want: '3' },
    { name: 'by none of the names that two have', sub: 'guest', called: '王芳', want: null },
    { name: 'who is not on it', sub: 'guest', called: '林涛', want: null },
  ]) {
    it(`is found: ${name}`, async () => {
      equal(new RosterIndex(ENTRIES).find(sub, called), want);
      equal((await RosterIndex.of(ENTRIES)).find(sub, called), want);
    });
  }

  const same = [
    { name: 'a bullet', listed: '阿依古丽·买买提', called: '阿依古丽\u2022买买提' },
    { name: 'a katakana dot', listed: '阿依古丽·买买提', called: '阿依古丽\u30fb买买提' },
    { name: 'a half-width katakana dot', listed: '阿依古丽·买买提', called: '阿依古丽\uff65买买提' },
    { name: 'a hyphenation point', listed: '阿依古丽·买买提', called: '阿依古丽\u2027买买提' },
    { name: 'a full-width full stop', listed: '阿依古丽·买买提', called: '阿依古丽\uff0e买买提' },
    { name: 'an ideographic full stop', listed: '阿依古丽·买买提', called: '阿依古丽。买买提' },
    { name: 'a full stop', listed: '阿依古丽·买买提', called: '阿依古丽.买买提' },
    { name: 'a dot operator', listed: '阿依古丽\u22c5买买提', called: '阿依古丽\u00b7买买提' },
    { name: 'a Korean dot', listed: '阿依古丽·买买提', called: '阿依古丽\u318d买买提' },
    { name: "a linguist's dot", listed: '阿依古丽·买买提', called: '阿依古丽\ua78f买买提' },
    { name: 'a ring', listed: '阿依古丽·买买提', called: '阿依古丽\u25e6买买提' },
    { name: 'a black circle', listed: '阿依古丽·买买提', called: '阿依古丽\u26ab买买提' },
    { name: 'no dot', listed: '阿依古丽·买买提', called: '阿依古丽买买提' },
    { name: "a phone's apostrophe", listed: "O'Brien", called: 'O\u2019Brien' },
    { name: 'an opening quote', listed: "O'Brien", called: 'o\u2018brien' },
    { name: 'a full-width apostrophe', listed: "O'Brien", called: 'O\uff07Brien' },
    { name: 'an acute accent', listed: "O'Brien", called: 'O\u00b4Brien' },
    { name: 'a letter apostrophe', listed: "O'Brien", called: 'O\u02bcBrien' },
    { name: 'no apostrophe', listed: "O'Brien", called: 'OBrien' },
    { name: 'a non-breaking hyphen', listed: 'Anne-Marie', called: 'Anne\u2011Marie' },
    { name: 'a dash', listed: 'Anne-Marie', called: 'anne – marie' },
    { name: 'a space for a hyphen', listed: 'Anne-Marie', called: 'Anne Marie' },
    { name: 'an ideographic space', listed: '李雷', called: '李\u3000雷' },
    { name: 'a no-break space', listed: 'Ann Lee', called: 'Ann\u00a0Lee' },
    { name: 'two spaces', listed: 'Ann Lee', called: 'Ann  Lee' },
    { name: 'full-width letters', listed: 'Ann Lee', called: 'Ａｎｎ　Ｌｅｅ' },
    { name: 'half-width katakana', listed: 'タナカ', called: 'ﾀﾅｶ' },
    { name: 'capitals', listed: 'Weiß', called: 'WEISS' },
    { name: 'an accent in two characters', listed: 'José', called: 'Jose\u0301' },
    { name: 'a joiner that is not seen', listed: '李雷', called: '李\u200d雷' },
    { name: 'a variation selector', listed: '葛', called: '葛\u{e0100}' },
    { name: 'the family name first', listed: 'Lee, Ann', called: 'Ann Lee' },
    { name: 'the family name at the other end', listed: 'Li Lei', called: 'lei li' },
    { name: 'the family name of three at the other end', listed: 'Nguyễn Văn An', called: 'Văn An Nguyễn' },
    { name: 'brackets', listed: 'Ann (Annie) Lee', called: 'Ann Annie Lee' },
  ];
  for (const { name, listed, called } of same) {
    it(`is the same with ${name}, in both directions`, () => {
      equal(new RosterIndex([{ id: '1', name: listed, group: '' }]).find('guest', called), '1');
      equal(new RosterIndex([{ id: '1', name: called, group: '' }]).find('guest', listed), '1');
    });
  }

  for (const { name, listed, called } of [
    { name: 'traditional and simplified characters', listed: '张华', called: '張華' },
    { name: 'an accent and none', listed: 'José', called: 'Jose' },
    { name: 'its characters in another order', listed: '王 芳', called: '芳 王' },
    { name: 'its middle names in another order', listed: 'Ann Mary Sue Lee', called: 'Ann Sue Mary Lee' },
    { name: 'nothing but dots', listed: '李雷', called: '··' },
  ]) {
    it(`is another person with ${name}`, () => {
      equal(new RosterIndex([{ id: '1', name: listed, group: '' }]).find('guest', called), null);
    });
  }

  for (const { called, want } of [
    { called: '王芳 7-1', want: '4' },
    { called: '王芳（7-2）', want: '5' },
    { called: '7-2王芳', want: '5' },
    { called: '王芳 4', want: '4' },
    { called: '王芳 7-3', want: null },
    { called: '王芳', want: null },
  ]) {
    it(`of two of one name is ${want} when she writes ${called}`, () => {
      equal(new RosterIndex(ENTRIES).find('guest', called), want);
    });
  }

  it('of two whose names are turned is the one as it is written, and of three neither in a third order', () => {
    const index = new RosterIndex([
      { id: '1', name: 'Li Lei', group: '' },
      { id: '2', name: 'Lei Li', group: '' },
      { id: '3', name: 'An Bo Chen', group: '' },
      { id: '4', name: 'Bo Chen An', group: '' },
    ]);
    deepEqual(
      ['Li Lei', 'lei li', 'Bo Chen An', 'Chen An Bo'].map((name) => index.find('guest', name)),
      ['1', '2', '4', null],
    );
  });

  it('of two names that differ in case alone is the one as it is written', () => {
    const index = new RosterIndex([
      { id: '1', name: 'Ann Lee', group: '' },
      { id: '2', name: 'ANN LEE', group: '' },
    ]);
    deepEqual(
      ['Ann Lee', 'ANN LEE', 'ann lee'].map((name) => index.find('guest', name)),
      ['1', '2', null],
    );
    deepEqual(
      [index.isShared('ann lee'), index.isShared('Ann Lee'), index.isShared('Bob')],
      [true, false, false],
    );
  });

  it('of two names that a blank lines up is neither by the name alone, however it is written', () => {
    const index = new RosterIndex([
      { id: '1', name: '王芳', group: '7-1' },
      { id: '2', name: '王 芳', group: '7-2' },
      { id: '3', name: '王　芳', group: '7-3' },
    ]);
    deepEqual(
      ['王芳', '王 芳', '王　芳', '王芳 7-2', '王　芳 7-3'].map((name) => index.find('guest', name)),
      [null, null, null, '2', '3'],
    );
    deepEqual(
      ['王芳', '王 芳', '王芳 7-2', '王芳 7-4'].map((name) => index.isShared(name)),
      [true, true, false, false],
    );
  });

  it('is found by a number in other digits or case', () => {
    const index = new RosterIndex([{ id: '20230101X', name: '李雷', group: '' }]);
    equal(index.find('２０２３０１０１x', 'whatever'), '20230101X');
  });

  it('is nobody where there is no roster', () => {
    equal(new RosterIndex([]).find('1', '李雷'), null);
  });

  it('is told by one index a list, however often it is asked for', async () => {
    const [a, b] = await Promise.all([RosterIndex.of(ENTRIES), RosterIndex.of(ENTRIES)]);
    equal(a, b);
    deepEqual(a.entries, ENTRIES);
  });
});
