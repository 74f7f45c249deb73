import assert from 'node:assert/strict';
import { RecentMap } from '../../shared/recent-map.ts';

describe('a map of the most recent', () => {
  it('lets go of what was set longest ago, and of nothing that was set anew since', () => {
    const map = new RecentMap<string, number>(2);
    map.set('a', 1).set('b', 2).set('a', 3).set('c', 4);
    assert.deepEqual(
      [...map],
      [
        ['a', 3],
        ['c', 4],
      ],
    );
    map.delete('a');
    map.set('d', 5);
    assert.deepEqual([...map.keys()], ['c', 'd']);
  });
});
