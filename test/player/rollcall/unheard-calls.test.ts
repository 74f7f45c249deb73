import { deepEqual } from 'node:assert/strict';
import { UnheardCalls } from '../../../player/rollcall/unheard-calls.ts';

describe('calls that only the playlist has', () => {
  const cases: {
    name: string;
    /** Since when each is in the playlist, and since when it is known from the connection, milliseconds. */
    calls: { id: string; fromMs: number; heardMs: number }[];
    want: number[];
  }[] = [
    {
      name: 'one that the connection was first with',
      calls: [{ id: 'a', fromMs: 9000, heardMs: 8500 }],
      want: [],
    },
    {
      name: 'one that the connection brings a little later',
      calls: [{ id: 'a', fromMs: 9000, heardMs: 9800 }],
      want: [],
    },
    { name: 'one that never came', calls: [{ id: 'a', fromMs: 9000, heardMs: Infinity }], want: [10_500] },
    {
      name: 'one that was there before the page',
      calls: [{ id: 'a', fromMs: 0, heardMs: Infinity }],
      want: [],
    },
    {
      name: 'two that never came, one after the other',
      calls: [
        { id: 'a', fromMs: 9000, heardMs: Infinity },
        { id: 'b', fromMs: 30_000, heardMs: Infinity },
      ],
      want: [10_500, 31_500],
    },
  ];
  for (const { name, calls, want } of cases) {
    it(name, () => {
      const unheard = new UnheardCalls();
      const found: number[] = [];
      for (let nowMs = 0; nowMs <= 40_000; nowMs += 100) {
        const heard = new Set(calls.filter(({ heardMs }) => heardMs <= nowMs).map(({ id }) => id));
        const inPlaylist = calls.filter(({ fromMs }) => fromMs <= nowMs).map(({ id }) => id);
        if (unheard.isOverdue(inPlaylist, heard, nowMs)) found.push(nowMs);
      }
      deepEqual(found, want);
    });
  }
});
