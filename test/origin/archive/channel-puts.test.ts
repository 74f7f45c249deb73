import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  ChannelPuts,
  delayMs,
  FIRST_ASIDE_MS,
  FIRST_RETRY_MS,
  LAST_ASIDE_MS,
  LAST_RETRY_MS,
  MAX_OUT_OF_ORDER,
  type PendingPut,
  PUTS_OF_CHANNEL,
} from '../../../origin/archive/channel-puts.ts';

const spooled = (at: number) =>
  ({ kind: 'init', channel: 'hall-7', rendition: '720p', hash: String(at) }) as const;
const numberOf = (put: PendingPut | null): number | null =>
  put?.spooled.kind === 'init' ? Number(put.spooled.hash) : null;
const FREE = { forPut: true, forProbe: true };

function putsOf(count: number): ChannelPuts {
  const puts = new ChannelPuts();
  for (let at = 0; at < count; at += 1) puts.add(spooled(at), null);
  return puts;
}

/** Takes all that may start now. */
function take(puts: ChannelPuts, nowMs: number): PendingPut[] {
  const taken: PendingPut[] = [];
  for (let put = puts.take(nowMs, FREE); put !== null; put = puts.take(nowMs, FREE)) taken.push(put);
  return taken;
}

/** Tries puts, one millisecond after the other is due, until nothing is left or the time is over. @returns numbers stored, in order */
function run(
  puts: ChannelPuts,
  untilMs: number,
  isRefused: (at: number, nowMs: number) => boolean,
): number[] {
  const stored: number[] = [];
  for (let nowMs = 0; nowMs < untilMs; nowMs += 1) {
    for (const put of take(puts, nowMs)) {
      const at = numberOf(put) ?? -1;
      if (isRefused(at, nowMs)) puts.failed(put, nowMs);
      else {
        stored.push(at);
        puts.succeeded(put);
      }
    }
  }
  return stored;
}

describe('the puts of one channel', () => {
  it('start with the oldest ones, a bounded number at a time', () => {
    const puts = putsOf(20);
    assert.deepEqual(
      take(puts, 0).map(numberOf),
      Array.from({ length: PUTS_OF_CHANNEL }, (_, at) => at),
    );
    assert.deepEqual([puts.inFlightCount, puts.pendingCount], [PUTS_OF_CHANNEL, 20 - PUTS_OF_CHANNEL]);
  });

  it('do not overtake the oldest one by too many places', () => {
    const puts = putsOf(MAX_OUT_OF_ORDER + 2);
    const [stuck, ...others] = take(puts, 0);
    let newest = 0;
    for (let queue = others; queue.length > 0; queue = take(puts, 0)) {
      for (const put of queue) {
        newest = Math.max(newest, numberOf(put) ?? 0);
        puts.succeeded(put);
      }
    }
    assert.equal(newest, MAX_OUT_OF_ORDER - 1);
    assert.ok(stuck !== undefined);
    puts.succeeded(stuck);
    assert.equal(numberOf(puts.take(0, FREE)), MAX_OUT_OF_ORDER);
  });

  it('that fail together are one failure, and are tried one at a time after it', () => {
    const puts = putsOf(12);
    for (const put of take(puts, 1000)) puts.failed(put, 1000);
    assert.equal(puts.isFailing, true);
    assert.equal(puts.dueMs(), 1000 + FIRST_RETRY_MS);
    assert.deepEqual(take(puts, 1000 + FIRST_RETRY_MS - 1), []);
    const retried = take(puts, 1000 + FIRST_RETRY_MS);
    assert.equal(retried.length, 1);
    puts.succeeded(retried[0] as PendingPut);
    assert.equal(puts.isFailing, false);
    assert.deepEqual(take(puts, 1000 + FIRST_RETRY_MS).map(numberOf), [0, 1, 2, 3]);
  });

  it('after an outage all are stored, none before one that is more than sixteen places older', () => {
    const stored = run(putsOf(60), 300_000, (_at, nowMs) => nowMs < 200_000);
    assert.deepEqual(
      stored.toSorted((a, b) => a - b),
      Array.from({ length: 60 }, (_, at) => at),
    );
    stored.forEach((at, place) => assert.ok(Math.abs(at - place) <= MAX_OUT_OF_ORDER, stored.join()));
  });

  for (const poison of [[0], [3], [0, 1, 2, 3], [0, 1, 2, 3, 4, 5, 6, 7], [19]]) {
    it(`are stored within 10 s but for those that the store never takes: ${poison.join(', ')}`, () => {
      const puts = putsOf(20);
      const stored = run(puts, 10_000, (at) => poison.includes(at));
      assert.equal(stored.length, 20 - poison.length);
      assert.equal(puts.pendingCount + puts.inFlightCount, poison.length);
    });
  }

  it('that the store never takes are set aside, and tried less and less often', () => {
    const puts = putsOf(2);
    const tries: number[] = [];
    run(puts, 600_000, (at, nowMs) => {
      if (at === 0) tries.push(nowMs);
      return at === 0;
    });
    assert.equal(puts.asideCount, 1);
    assert.equal(puts.isFailing, false);
    assert.ok(tries.length < 20, String(tries.length));
    assert.equal((tries.at(-1) ?? 0) - (tries.at(-2) ?? 0), LAST_ASIDE_MS);
  });

  it('that were set aside are all stored soon after the store takes one of them', () => {
    const puts = putsOf(100);
    const stored = run(puts, 120_000, (at, nowMs) => at % 2 === 0 && nowMs < 55_000);
    assert.equal(stored.length, 100);
  });

  it('that cannot be read from the spool are set aside at once, and the next one is taken', () => {
    const puts = putsOf(2);
    puts.setAside(puts.take(0, FREE) as PendingPut, 0);
    assert.equal(numberOf(puts.take(0, FREE)), 1);
    assert.equal(puts.isFailing, false);
    assert.equal(puts.take(FIRST_ASIDE_MS - 1, FREE), null);
    assert.equal(numberOf(puts.take(FIRST_ASIDE_MS, FREE)), 0);
  });

  it('take no place that is not there for them', () => {
    const puts = putsOf(3);
    assert.equal(puts.take(0, { forPut: false, forProbe: true }), null);
    puts.failed(puts.take(0, FREE) as PendingPut, 0);
    assert.equal(puts.take(FIRST_RETRY_MS, { forPut: true, forProbe: false }), null);
    assert.notEqual(puts.take(FIRST_RETRY_MS, { forPut: false, forProbe: true }), null);
  });

  it('that are not wanted any more are removed, but for those in flight', () => {
    const puts = putsOf(6);
    take(puts, 0);
    assert.deepEqual(
      puts.discard(() => true).map(({ spooled: { kind } }) => kind),
      ['init', 'init'],
    );
    assert.deepEqual([puts.pendingCount, puts.inFlightCount], [0, PUTS_OF_CHANNEL]);
  });

  it('are all stored in the end, whichever of them fail for a time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 40 }),
        (mendedMs) => {
          const stored = run(putsOf(mendedMs.length), 400_000, (at, nowMs) => nowMs < (mendedMs[at] ?? 0));
          assert.equal(new Set(stored).size, mendedMs.length);
          assert.equal(stored.length, mendedMs.length);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('a delay after failures', () => {
  it('doubles up to its limit', () => {
    const delays = [1, 2, 3, 4].map((failures) => delayMs(failures, FIRST_RETRY_MS, LAST_RETRY_MS));
    assert.deepEqual(delays, [500, 1000, 2000, 4000]);
    assert.equal(delayMs(6, FIRST_RETRY_MS, LAST_RETRY_MS), LAST_RETRY_MS);
    assert.equal(delayMs(5000, FIRST_RETRY_MS, LAST_RETRY_MS), LAST_RETRY_MS);
  });
});
