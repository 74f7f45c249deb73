import { deepEqual, equal } from 'node:assert/strict';
import { FileWatchedMinutes } from '../../../../rollcall/ledger/file/file-watched-minutes.ts';

describe('minutes on a disk that takes nothing for a while', () => {
  it('are kept when it takes something again, each once', async () => {
    const written: object[] = [];
    let fails = true;
    const watchers = new FileWatchedMinutes({
      append: async (records) => {
        if (fails) throw new Error('ENOSPC');
        written.push(...records);
      },
    });
    const li = { sub: 'li', name: '李雷', rosterId: null };
    watchers.note('hall-7', [{ ...li, minute: 1 }]);
    watchers.note('hall-7', [{ ...li, minute: 1 }]);
    await watchers.close();
    deepEqual([...watchers.between('hall-7', 0, 9)], []);
    fails = false;
    watchers.note('hall-7', [{ ...li, minute: 2 }]);
    await watchers.close();
    deepEqual([...watchers.between('hall-7', 0, 9)], [{ ...li, minutes: [1, 2] }]);
    equal(written.length, 2);
    watchers.note('hall-7', [{ ...li, minute: 2 }]);
    await watchers.close();
    equal(written.length, 2);
  });
});
