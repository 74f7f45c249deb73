import { deepEqual } from 'node:assert/strict';
import { withUse } from '../../../player/teach/column-uses.ts';
import { readColumnUses } from '../../../rollcall/protocol/roster-choice.ts';

describe('the columns of a class list, when one is chosen', () => {
  for (const { name, before, column, use, want } of [
    { name: 'a use moves', before: 'id,name,', column: 2, use: 'id', want: ',name,id' },
    { name: 'two columns change places in two steps', before: 'name,id', column: 0, use: 'id', want: 'id,' },
    { name: 'a column is not used', before: 'id,name,group', column: 2, use: null, want: 'id,name,' },
    {
      name: 'a name takes the place of its parts',
      before: 'family,given,middle',
      column: 0,
      use: 'name',
      want: 'name,,',
    },
    {
      name: 'a part takes the place of the name',
      before: 'id,name,',
      column: 2,
      use: 'given',
      want: 'id,,given',
    },
    { name: 'parts stand together', before: 'given,,', column: 1, use: 'family', want: 'given,family,' },
    {
      name: 'two students a row have each use twice',
      before: 'id,name,,name',
      column: 2,
      use: 'id',
      want: 'id,name,id,name',
    },
  ] as const) {
    it(name, () => {
      const columns = readColumnUses(before).map((own) => ({ heading: '', use: own }));
      deepEqual(withUse(columns, column, use), readColumnUses(want));
    });
  }
});
