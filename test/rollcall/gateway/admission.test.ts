import { equal, ok } from 'node:assert/strict';
import { Admission } from '../../../rollcall/gateway/admission.ts';

describe('admission', () => {
  it("lets in a second's worth at once, and then as many a second", () => {
    const door = new Admission(100);
    const ask = (steadyMs: number, count: number): number =>
      Array.from({ length: count }, () => door.ask(steadyMs)).filter((waitS) => waitS === null).length;
    equal(ask(0, 1000), 100);
    equal(ask(100, 1000), 10);
    equal(ask(5000, 1000), 100);
  });

  it('forgets the delays of a crowd that is long gone', () => {
    const admission = new Admission(1);
    for (let i = 0; i < 1000; i++) admission.ask(0);
    equal(admission.ask(100_000), null);
    equal(admission.ask(100_000), 6);
  });

  for (const seconds of [1, 4])
    it(`sends nobody away again who comes back when she was told, though a thousand come in ${seconds} s`, () => {
      const door = new Admission(100);
      /** When each comes next, milliseconds. */
      let coming = Array.from({ length: 1000 }, (_, i) => ({ atMs: i * seconds, isBack: false }));
      let [welcome, again] = [0, 0];
      while (coming.length > 0) {
        coming.sort((a, b) => a.atMs - b.atMs);
        const [next, ...rest] = coming;
        coming = rest;
        if (next === undefined) break;
        const waitS = door.ask(next.atMs);
        if (waitS === null) welcome++;
        else {
          if (next.isBack) again++;
          ok(waitS >= 5 && waitS <= 30);
          coming.push({ atMs: next.atMs + waitS * 1000, isBack: true });
        }
      }
      equal(welcome, 1000);
      equal(again, 0);
    });
});
