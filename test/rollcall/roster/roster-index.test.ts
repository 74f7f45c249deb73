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

  it('is nobody where there is no roster', () => {
    equal(new RosterIndex([]).find('1', '李雷'), null);
  });

  it('is told by one index a list, however often it is asked for', async () => {
    const [a, b] = await Promise.all([RosterIndex.of(ENTRIES), RosterIndex.of(ENTRIES)]);
    equal(a, b);
    deepEqual(a.entries, ENTRIES);
  });
});
