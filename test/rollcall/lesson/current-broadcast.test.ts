import { deepEqual, equal } from 'node:assert/strict';
import type { BroadcastRef } from '../../../rollcall/ledger/ledger.ts';
import { CurrentBroadcast } from '../../../rollcall/lesson/current-broadcast.ts';

describe('the broadcast on air, for a teacher', () => {
  const b1 = { id: 'b1', startMs: 1000 };
  let nowMs = 0;
  let asked = 0;
  let answer: () => Promise<BroadcastRef | null> = async () => b1;
  const make = (): CurrentBroadcast => {
    [nowMs, asked] = [0, 0];
    const currentBroadcast = async (): Promise<BroadcastRef | null> => {
      asked++;
      return answer();
    };
    return new CurrentBroadcast({ currentBroadcast }, () => nowMs);
  };

  it('is asked for once in two seconds, however many ask', async () => {
    const current = make();
    deepEqual(await Promise.all([current.of('hall-7'), current.of('hall-7')]), [b1, b1]);
    equal(asked, 1);
    nowMs = 1999;
    await current.of('hall-7');
    equal(asked, 1);
    nowMs = 2000;
    answer = async () => null;
    equal(await current.of('hall-7'), null);
    equal(asked, 2);
  });

  it('is what was last known while no origin answers', async () => {
    answer = async () => b1;
    const current = make();
    await current.of('hall-7');
    nowMs = 5000;
    answer = async () => {
      throw new Error('away');
    };
    deepEqual(await current.of('hall-7'), b1);
    equal(await current.of('hall-8'), null);
  });
});
