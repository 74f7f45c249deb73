import { deepEqual, equal } from 'node:assert/strict';
import fc from 'fast-check';
import { nameKey } from '../../../rollcall/roster/name-key.ts';
import { RosterIndex } from '../../../rollcall/roster/roster-index.ts';
import { toldApartBy } from '../../../rollcall/roster/tell-apart.ts';

const person = (id: string, group: string, name = '王芳') => ({ id, group, name });

describe('two of one name', () => {
  for (const { name, people, want } of [
    { name: 'one alone has nothing beside her', people: [person('1', '7-1')], want: null },
    { name: 'two classes', people: [person('1', '7-1'), person('2', '7-2')], want: 'group' },
    { name: 'one class', people: [person('1', '7-1'), person('2', '7-1')], want: 'id' },
    { name: 'one class in two widths', people: [person('1', '7-1'), person('2', '７-１')], want: 'id' },
    { name: 'no class', people: [person('1', ''), person('2', '')], want: 'id' },
    { name: 'a class of one of them', people: [person('1', '7-1'), person('2', '')], want: 'id' },
    {
      name: 'three, of whom two are in one class',
      people: [person('1', '7-1'), person('2', '7-2'), person('3', '7-2')],
      want: 'id',
    },
  ] as const) {
    it(`are told apart: ${name}`, () => equal(toldApartBy(people), want));
  }

  it('are never shown alike, and nobody else has anything beside her', async () => {
    const names = fc.constantFrom('王芳', '王 芳', 'Ann Lee', 'ANN LEE', 'Ann-Lee', '李雷', 'Ａnn Lee');
    const entry = fc.record({
      id: fc.constantFrom('1', '2', '3', '4', '5', 'S-1', 's-1', '7-1'),
      name: names,
      group: fc.constantFrom('', '7-1', '7-2', '７-1', '1', '2'),
    });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(entry, { selector: ({ id }) => id, maxLength: 8 }), async (entries) => {
        for (const index of [new RosterIndex(entries), await RosterIndex.of(entries)]) {
          const shown = entries.map((one) => `${nameKey(one.name)}\n${index.beside(one)}`);
          equal(new Set(shown).size, entries.length);
          const counts = entries.map(
            ({ name }) => entries.filter((other) => nameKey(other.name) === nameKey(name)).length,
          );
          deepEqual(
            entries.map((one) => index.beside(one) !== ''),
            counts.map((count) => count > 1),
          );
        }
      }),
    );
  });
});
