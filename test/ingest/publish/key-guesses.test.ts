import assert from 'node:assert/strict';
import { KeyGuesses } from '../../../ingest/publish/key-guesses.ts';

const NOW_MS = 1_760_000_000_000;
const TEN_MINUTES_MS = 600_000;

/** Guesses so often, and gives the delay of each answer. */
function guess(
  guesses: KeyGuesses,
  times: number,
  address: string,
  channel: string | null,
  nowMs = NOW_MS,
): number[] {
  return Array.from({ length: times }, () => guesses.wrong(address, channel, nowMs));
}

describe('ingest: guesses of publish keys', () => {
  it('nine of an address are answered at once; then each later than the one before, up to eight seconds', () => {
    const delays = guess(new KeyGuesses(), 30, '192.0.2.1', null);
    assert.deepEqual(delays.slice(0, 9), Array(9).fill(0));
    assert.deepEqual(delays.slice(9, 12), [1000, 2000, 3000]);
    assert.equal(delays.at(-1), 8000);
  });

  it('a channel counts whatever addresses the guesses come from', () => {
    const guesses = new KeyGuesses();
    for (let i = 0; i < 9; i++) assert.equal(guesses.wrong(`192.0.2.${i}`, 'hall-7', NOW_MS), 0);
    assert.equal(guesses.wrong('192.0.2.200', 'hall-7', NOW_MS), 1000);
    assert.equal(guesses.wrong('192.0.2.201', 'hall-8', NOW_MS), 0, 'another channel');
  });

  const networks = [
    { name: 'an IPv6 network of 64 bits', a: '2001:db8:1:2::1', b: '2001:db8:1:2:ffff:1:2:3', same: true },
    {
      name: 'zeros that are left out or not',
      a: '2001:db8::1',
      b: '2001:0db8:0000:0000:1:2:3:4',
      same: true,
    },
    { name: 'a zone', a: 'fe80::1%eth0', b: 'FE80::2', same: true },
    { name: 'IPv4 within IPv6', a: '::ffff:192.0.2.1', b: '192.0.2.1', same: true },
    { name: 'another IPv6 network', a: '2001:db8:1:2::1', b: '2001:db8:1:3::1', same: false },
    { name: 'another IPv4 address', a: '192.0.2.1', b: '192.0.2.2', same: false },
    { name: 'two IPv4 addresses within IPv6', a: '::ffff:192.0.2.1', b: '::ffff:192.0.2.2', same: false },
  ];
  for (const { name, a, b, same } of networks) {
    it(`${name}: ${same ? 'one guesser' : 'two guessers'}`, () => {
      const guesses = new KeyGuesses();
      guess(guesses, 9, a, null);
      assert.equal(guesses.wrong(b, null, NOW_MS) > 0, same);
    });
  }

  it('all is forgotten ten minutes after the last one', () => {
    const guesses = new KeyGuesses();
    guess(guesses, 120, '192.0.2.1', 'hall-7');
    assert.ok(guesses.lookAfterMs('192.0.2.1', NOW_MS + TEN_MINUTES_MS) > 0);
    assert.ok(guesses.wrong('192.0.2.1', 'hall-7', NOW_MS + TEN_MINUTES_MS) > 0);
    const laterMs = NOW_MS + 2 * TEN_MINUTES_MS + 1;
    assert.equal(guesses.lookAfterMs('192.0.2.1', laterMs), 0);
    assert.equal(guesses.wrong('192.0.2.1', 'hall-7', laterMs), 0);
  });

  it('after a hundred each key of the address waits to be looked at, and of no other', () => {
    const guesses = new KeyGuesses();
    guess(guesses, 99, '192.0.2.1', 'hall-7');
    assert.equal(guesses.lookAfterMs('192.0.2.1', NOW_MS), 0);
    guess(guesses, 1, '192.0.2.1', 'hall-7');
    assert.equal(guesses.lookAfterMs('192.0.2.1', NOW_MS), 2000);
    assert.equal(guesses.lookAfterMs('192.0.2.2', NOW_MS), 0);
  });

  it('a flood of addresses pushes the oldest out and not the guesser of now', () => {
    const guesses = new KeyGuesses();
    guess(guesses, 9, '192.0.2.1', null);
    for (let i = 0; i < 9999; i++) guesses.wrong(`10.0.${i >> 8}.${i & 255}`, null, NOW_MS);
    assert.equal(guesses.wrong('192.0.2.1', null, NOW_MS), 1000);
    for (let i = 0; i < 20_000; i++) guesses.wrong(`11.0.${i >> 8}.${i & 255}`, null, NOW_MS);
    assert.equal(guesses.wrong('192.0.2.1', null, NOW_MS), 0);
  });
});
