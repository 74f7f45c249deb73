import assert from 'node:assert/strict';
import { forEachYielding } from '../../shared/for-each-yielding.ts';

describe('work on very many items', () => {
  it('is done in order, and lets others run in between', async () => {
    const seen: number[] = [];
    let turns = 0;
    let running = true;
    const count = (): void => {
      turns += 1;
      if (running) setImmediate(count);
    };
    setImmediate(count);
    await forEachYielding(Array(2600).keys(), (item) => seen.push(item));
    running = false;
    assert.deepEqual(seen, [...Array(2600).keys()]);
    assert.ok(turns >= 4, `others ran ${turns} times`);
  });
});
