import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BLOCK_MS } from '../../../origin/archive/index-block.ts';
import { belongsTo, onGrid, stretchesOf } from '../../../origin/replay/replay-stretches.ts';
import { lineOf } from '../support/library-on-stage.ts';

const START_MS = BLOCK_MS * 4_000_000;

describe('a replay in stretches', () => {
  it('covers its range without overlap, cut in the middle of blocks', () => {
    fc.assert(
      fc.property(fc.nat(BLOCK_MS * 3), fc.integer({ min: 1, max: BLOCK_MS * 5 }), (offsetMs, lengthMs) => {
        const range = { fromMs: START_MS + offsetMs, toMs: START_MS + offsetMs + lengthMs };
        const stretches = stretchesOf(range);
        assert.equal(stretches[0]?.fromMs, range.fromMs);
        assert.equal(stretches.at(-1)?.toMs, range.toMs);
        stretches.slice(1).forEach(({ fromMs }, at) => {
          assert.equal(fromMs, stretches[at]?.toMs);
          assert.equal(fromMs % BLOCK_MS, BLOCK_MS / 2);
        });
        assert.ok(stretches.every(({ fromMs, toMs }) => toMs > fromMs && toMs - fromMs <= BLOCK_MS));
      }),
    );
  });

  it('takes each segment of the range once, and no other', () => {
    const range = { fromMs: START_MS + 1600 * 100 + 700, toMs: START_MS + 1600 * 400 };
    const count = (number: number): number =>
      stretchesOf(range).filter((stretch) => belongsTo(lineOf(START_MS + number * 1600), stretch, range))
        .length;
    assert.deepEqual([99, 100, 101, 399, 400].map(count), [0, 1, 1, 1, 0]);
    for (let number = 100; number < 400; number += 1) assert.equal(count(number), 1, String(number));
  });

  it('is the same for all requests within a segment', () => {
    assert.deepEqual(onGrid({ fromMs: 3200, toMs: 4800 }), { fromMs: 3200, toMs: 4800 });
    assert.deepEqual(onGrid({ fromMs: 4799, toMs: 4801 }), { fromMs: 3200, toMs: 6400 });
  });
});
