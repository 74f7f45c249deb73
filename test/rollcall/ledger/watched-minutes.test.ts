import { deepEqual, equal } from 'node:assert/strict';
import fc from 'fast-check';
import { WatchedMinutes } from '../../../rollcall/ledger/watched-minutes.ts';

const LI = { sub: 'li', name: '李雷', rosterId: null };
const minutesOf = (watched: WatchedMinutes, from: number, to: number): readonly number[] =>
  [...watched.between(from, to)].flatMap(({ minutes }) => minutes);

describe('watched minutes', () => {
  it('are given in order, each once, both ends inclusive', () => {
    const range = fc.tuple(fc.nat(200), fc.nat(200));
    fc.assert(
      fc.property(fc.array(fc.nat(200)), range, (minutes, [a, b]) => {
        const watched = new WatchedMinutes();
        for (const minute of minutes) watched.note(LI, minute);
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const want = [...new Set(minutes)].filter((minute) => minute >= from && minute <= to);
        deepEqual(
          minutesOf(watched, from, to),
          want.sort((x, y) => x - y),
        );
        for (const minute of minutes) equal(watched.has('li', minute), true);
        equal(watched.has('li', 201), false);
      }),
    );
  });

  it('are those of the newest name and entry of a student', () => {
    const watched = new WatchedMinutes();
    watched.note(LI, 1);
    watched.note({ sub: 'li', name: '李磊', rosterId: '1' }, 2);
    deepEqual([...watched.between(0, 9)], [{ sub: 'li', name: '李磊', rosterId: '1', minutes: [1, 2] }]);
  });

  it('are forgotten by whole half hours, and no minute too early', () => {
    const watched = new WatchedMinutes();
    for (const minute of [29, 30, 59, 60]) watched.note(LI, minute);
    watched.forget(59);
    deepEqual(minutesOf(watched, 0, 99), [30, 59, 60]);
    watched.forget(60);
    deepEqual(minutesOf(watched, 0, 99), [60]);
    watched.forget(90);
    deepEqual([...watched.between(0, 99)], []);
  });
});
