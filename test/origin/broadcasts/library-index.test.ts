import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { BroadcastRecord } from '../../../origin/broadcasts/broadcast-record.ts';
import { newestFirst } from '../../../origin/broadcasts/broadcast-query.ts';
import { BackgroundTurns } from '../../../shared/background-turns.ts';
import { LibraryIndex } from '../../../origin/broadcasts/library-index.ts';

/** Turns of one step each, which the test takes; `step` returns false when nothing is left to do. */
function turnsByHand(): { readonly turns: BackgroundTurns; readonly step: () => boolean } {
  let nowMs = 0;
  const scheduled: (() => void)[] = [];
  const turns = new BackgroundTurns({
    schedule: (turn) => void scheduled.push(turn),
    nowMs: () => (nowMs += 10),
  });
  return {
    turns,
    step: () => {
      const turn = scheduled.shift();
      turn?.();
      return turn !== undefined;
    },
  };
}

function broadcast(id: string, startMs: number, more: Partial<BroadcastRecord> = {}): BroadcastRecord {
  return {
    ...{ id, channel: 'hall-7', title: `Lesson ${id}`, language: 'zh', startMs, endMs: startMs + 60_000 },
    ...{ gaps: [], keep: false },
    ...more,
  };
}

describe('the shelf', () => {
  it('is in order, and names what is on it, whatever comes, changes and goes', () => {
    const step = fc.record({
      id: fc.integer({ min: 0, max: 9 }),
      startMs: fc.integer({ min: 0, max: 3 }),
      grade: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
      teacher: fc.constantFrom('Ms Li', 'Mr Wang', ''),
      isGone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const shelf = new LibraryIndex();
        const want = new Map<string, BroadcastRecord>();
        for (const { id, startMs, grade, teacher, isGone } of steps) {
          const key = `b${id}`;
          const one = broadcast(key, startMs, { teacher, ...(grade === undefined ? {} : { grade }) });
          if (isGone) shelf.delete(key);
          else shelf.set(key, one, null);
          if (isGone) want.delete(key);
          else want.set(key, one);
          const all = [...want.values()];
          assert.deepEqual(
            shelf.entries.map((entry) => entry.broadcast),
            all.toSorted(newestFirst),
          );
          assert.deepEqual(shelf.of('hall-7'), all.toSorted(newestFirst));
          const grades = new Set(all.flatMap((at) => (at.grade === undefined ? [] : [at.grade])));
          const teachers = new Set(all.flatMap((at) => (at.teacher ? [at.teacher] : [])));
          assert.deepEqual(shelf.facets(), {
            grades: [...grades].toSorted((a, b) => a - b),
            subjects: [],
            teachers: [...teachers].toSorted(),
          });
        }
      }),
    );
  });

  it('a long search lets go of the process, one slice of one search a turn, and finds what is there at last', async () => {
    const { turns, step } = turnsByHand();
    const shelf = new LibraryIndex(turns);
    for (let i = 0; i < 9000; i += 1) shelf.set(`b${i}`, broadcast(`b${i}`, i), null);
    const found = Promise.all(
      ['nothing', 'b7', 'nothing', 'nothing'].map((q) => shelf.find({ q: `lesson ${q}` }, null, 5000)),
    );
    let count = 0;
    while (step()) count += 1;
    assert.deepEqual(
      (await found).map(({ broadcasts }) => broadcasts.length),
      [0, 1111, 0, 0],
    );
    assert.ok(count >= 16, `${count} turns`);
  });

  it('a broadcast that comes, or goes, while a search is under way does not make it miss or double another', async () => {
    const { turns, step } = turnsByHand();
    const shelf = new LibraryIndex(turns);
    for (let i = 0; i < 5000; i += 1) shelf.set(`b${i}`, broadcast(`b${i}`, i), null);
    const found = shelf.find({ q: 'lesson' }, null, 10_000);
    // The first step is done, and the others are not.
    assert.equal(step(), true);
    for (let i = 0; i < 500; i += 1) shelf.set(`n${i}`, broadcast(`n${i}`, 10_000 + i), null);
    shelf.delete('b4000');
    shelf.delete('b10');
    assert.ok(step(), 'there are more steps');
    while (step());
    const ids = (await found).broadcasts.map(({ id }) => id);
    const want = Array.from({ length: 5000 }, (_, i) => `b${4999 - i}`).filter((id) => id !== 'b10');
    assert.deepEqual(ids, want);
  });
});
