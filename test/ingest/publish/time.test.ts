import assert from 'node:assert/strict';
import fc from 'fast-check';
import { newBroadcastId } from '../../../ingest/publish/broadcast-id.ts';
import { epochOffsetMs } from '../../../ingest/publish/epoch-stamp.ts';
import { unwrapTimestampMs } from '../../../ingest/publish/unwrap-timestamp.ts';

const PERIOD_MS = 2 ** 32;

describe('ingest: RTMP timestamps on a line (RTMP 1.0 §5.3.1)', () => {
  const table = [
    { name: 'the first stands as it is', last: null, at: 5000, want: 5000 },
    {
      name: 'a first one far above zero stands as it is',
      last: null,
      at: 4_000_000_000,
      want: 4_000_000_000,
    },
    { name: 'a first one just before the wrap is negative', last: null, at: PERIOD_MS - 21, want: -21 },
    { name: 'zero follows a negative one', last: -21, at: 0, want: 0 },
    { name: 'the wrap at 2^32', last: PERIOD_MS - 10, at: 30, want: PERIOD_MS + 30 },
    {
      name: 'back over the wrap, sound after picture',
      last: PERIOD_MS + 30,
      at: PERIOD_MS - 5,
      want: PERIOD_MS - 5,
    },
    { name: 'the second wrap', last: 2 * PERIOD_MS - 1, at: 0, want: 2 * PERIOD_MS },
    {
      name: 'no wrap at 2^24, where the extended timestamp begins',
      last: 0xffffff,
      at: 0x1000005,
      want: 0x1000005,
    },
  ];
  for (const { name, last, at, want } of table) {
    it(name, () => assert.equal(unwrapTimestampMs(last, at), want));
  }

  it('any line of small steps comes back from its values modulo 2^32', () => {
    const steps = fc.array(fc.integer({ min: -500, max: 100_000_000 }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(steps, (list) => {
        let wantMs = 1000;
        let gotMs = unwrapTimestampMs(null, wantMs);
        for (const stepMs of list) {
          wantMs = Math.max(0, wantMs + stepMs);
          gotMs = unwrapTimestampMs(gotMs, wantMs % PERIOD_MS);
          assert.equal(gotMs, wantMs);
        }
      }),
    );
  });
});

describe('ingest: the epoch stamp', () => {
  const startMs = 1_760_000_000_000;
  const delays = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 50 });
  const arrive = (delaysMs: readonly number[], firstMs: number, stepMs: number) => {
    const [first, ...rest] = delaysMs.map((delayMs, i) => ({
      arrivalMs: startMs + i * stepMs + delayMs,
      timestampMs: firstMs + i * stepMs,
    }));
    assert.ok(first !== undefined);
    return [first, ...rest] as const;
  };

  it('is exact as soon as one packet was not held up', () => {
    fc.assert(
      fc.property(delays, fc.nat(), fc.integer({ min: -100, max: 1e9 }), (delaysMs, pick, firstMs) => {
        const atOnce = delaysMs.map((delayMs, i) => (i === pick % delaysMs.length ? 0 : delayMs));
        assert.equal(epochOffsetMs(arrive(atOnce, firstMs, 40), 0), startMs - firstMs);
      }),
    );
  });

  it('is never before the truth, and never after what the least delayed packet says', () => {
    fc.assert(
      fc.property(delays, (delaysMs) => {
        const offsetMs = epochOffsetMs(arrive(delaysMs, 0, 40), 0);
        assert.equal(offsetMs - startMs, Math.min(...delaysMs));
      }),
    );
  });

  it('a burst of packets that waited in the encoder does not make it late', () => {
    // A second of media at once, then live.
    const burst = arrive([1000, 960, 920, 880, 400, 40, 0, 0], 0, 40);
    assert.equal(epochOffsetMs(burst, 0), startMs);
  });

  it('places no packet before the end of the previous broadcast', () => {
    const times = fc.integer({ min: 0, max: 3_000_000_000_000 });
    fc.assert(
      fc.property(delays, times, fc.integer({ min: -100, max: 1e9 }), (delaysMs, notBeforeMs, firstMs) => {
        const arrivals = arrive(delaysMs, firstMs, 40);
        const offsetMs = epochOffsetMs(arrivals, notBeforeMs);
        assert.ok(arrivals.every(({ timestampMs }) => offsetMs + timestampMs >= notBeforeMs));
        assert.ok(offsetMs === epochOffsetMs(arrivals, 0) || offsetMs + firstMs === notBeforeMs);
      }),
    );
  });
});

describe('ingest: broadcast ids', () => {
  it('sort by time and fit a source name', () => {
    const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
    fc.assert(
      fc.property(time, time, (a, b) => {
        const [x, y] = [newBroadcastId(a), newBroadcastId(b)];
        assert.match(x, /^[a-z0-9-]{14}$/);
        if (a < b) assert.ok(x < y);
      }),
    );
  });
});
