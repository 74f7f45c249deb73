import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { compareNames, sortByName } from '../../../rollcall/roster/name-order.ts';

const named = (name: string, i: number): { id: string; name: string } => ({ id: String(i), name });

describe('the order of names', () => {
  it('is that of pinyin, whatever the characters are', async () => {
    const people = ['王芳', '李雷', '韩梅梅', '林涛'].map(named);
    deepEqual(
      (await sortByName(people)).map(({ name }) => name),
      ['韩梅梅', '李雷', '林涛', '王芳'],
    );
  });

  it('puts those of one name by their ids', async () => {
    const people = ['3', '1', '2'].map((id) => ({ id, name: '李雷' }));
    deepEqual(
      (await sortByName(people)).map(({ id }) => id),
      ['1', '2', '3'],
    );
  });

  it('of any people is that of a plain sort, and leaves the list as it was', async () => {
    const lists = fc.array(fc.string({ maxLength: 3 }), { maxLength: 2000, size: 'max' });
    await fc.assert(
      fc.asyncProperty(lists, async (names) => {
        const people = names.map(named);
        const before = [...people];
        const byId = (a: string, b: string): number => (a < b ? -1 : 1);
        const want = people.toSorted((a, b) => compareNames(a.name, b.name) || byId(a.id, b.id));
        deepEqual(await sortByName(people), want);
        deepEqual(people, before);
      }),
      { numRuns: 30 },
    );
  });

  it('of a city is that of the characters', async () => {
    const people = Array.from({ length: 20_001 }, (_, i) => named(`李${(i * 7919) % 20_001}`, i));
    const sorted = await sortByName(people);
    deepEqual(new Set(sorted).size, 20_001);
    ok(sorted.every(({ name }, i) => i === 0 || (sorted[i - 1]?.name ?? '') <= name));
  });

  it('is that of a dictionary for 5,000 people, and that of Unicode for more', async () => {
    const people = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ id: String(i), name: i % 2 === 0 ? 'b' : 'C' }));
    equal((await sortByName(people(5000)))[0]?.name, 'b');
    equal((await sortByName(people(5001)))[0]?.name, 'C');
  });

  it('leaves equal people in their order', async () => {
    const people = Array.from({ length: 1200 }, (_, at) => ({ id: '1', name: '李雷', at }));
    deepEqual(await sortByName(people), people);
  });
});
