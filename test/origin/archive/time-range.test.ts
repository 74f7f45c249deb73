import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isWithin, subtractRanges, type TimeRange } from '../../../origin/archive/time-range.ts';

const range = fc
  .tuple(fc.nat(60), fc.nat(20))
  .map(([fromMs, lengthMs]): TimeRange => ({ fromMs, toMs: fromMs + lengthMs }));
const others = fc.array(range, { maxLength: 8 });

describe('a range without others', () => {
  for (const { name, without, want } of [
    { name: 'none: itself', without: [], want: [[10, 20]] },
    { name: 'one that covers it', without: [[5, 25]], want: [] },
    {
      name: 'one inside',
      without: [[12, 14]],
      want: [
        [10, 12],
        [14, 20],
      ],
    },
    { name: 'an empty one inside', without: [[15, 15]], want: [[10, 20]] },
    {
      name: 'neighbours that touch it',
      without: [
        [0, 10],
        [20, 30],
      ],
      want: [[10, 20]],
    },
    { name: 'one without end', without: [[15, Number.POSITIVE_INFINITY]], want: [[10, 15]] },
  ] as const) {
    it(name, () =>
      assert.deepEqual(
        subtractRanges(
          { fromMs: 10, toMs: 20 },
          without.map(([fromMs, toMs]) => ({ fromMs, toMs })),
        ).map(({ fromMs, toMs }) => [fromMs, toMs]),
        want,
      ),
    );
  }

  it('has each time of it that is in no other, once and in order', () => {
    fc.assert(
      fc.property(range, others, (whole, without) => {
        const pieces = subtractRanges(whole, without);
        const times = pieces.flatMap(({ fromMs, toMs }) =>
          Array.from({ length: toMs - fromMs }, (_, i) => fromMs + i),
        );
        const want = Array.from({ length: 90 }, (_, at) => at).filter(
          (at) => isWithin(at, whole) && !without.some((other) => isWithin(at, other)),
        );
        assert.deepEqual(times, want);
      }),
    );
  });

  it('is the same in whatever order they come, and without it again', () => {
    fc.assert(
      fc.property(
        range.filter(({ fromMs, toMs }) => toMs > fromMs),
        others,
        (whole, without) => {
          const pieces = subtractRanges(whole, without);
          assert.deepEqual(subtractRanges(whole, without.toReversed()), pieces);
          assert.deepEqual(
            pieces.flatMap((piece) => subtractRanges(piece, without)),
            pieces,
          );
          assert.ok(pieces.every(({ fromMs, toMs }) => toMs > fromMs));
        },
      ),
    );
  });
});
