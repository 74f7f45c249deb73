import { equal } from 'node:assert/strict';
import fc from 'fast-check';
import { KeyedBuckets, TokenBucket } from '../../shared/token-bucket.ts';

describe('a token bucket', () => {
  it('gives a burst, then a rate, and says when the next one is there', () => {
    const bucket = new TokenBucket({ capacity: 3, perSecond: 2 }, 0);
    equal([0, 0, 0].map((at) => bucket.take(at)).join(), '0,0,0');
    equal(bucket.take(0), 500);
    equal(bucket.take(499), 1);
    equal(bucket.take(500), 0);
    equal(bucket.take(10_000), 0);
  });

  it('never gives more than its capacity and its rate, whenever it is asked', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 10 }),
        (gaps, capacity, perSecond) => {
          const bucket = new TokenBucket({ capacity, perSecond }, 0);
          let [now, taken] = [0, 0];
          for (const gap of gaps) {
            now += gap;
            if (bucket.take(now) === 0) taken++;
          }
          return taken <= capacity + (now / 1000) * perSecond + 1e-6;
        },
      ),
    );
  });

  it('is one for each key, begun when it is first heard of', () => {
    const buckets = new KeyedBuckets({ capacity: 100, perSecond: 1, initial: 0 });
    buckets.begin('a', 0);
    equal(buckets.take('a', 1000), 0);
    equal(buckets.take('b', 1000), 1000);
  });
});
