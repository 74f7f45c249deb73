import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BARS, barsOf, drawBars, readBars } from '../../bench/publish/barcode.ts';

const brightness = (bars: readonly number[]): number[] => bars.map((bar) => (bar === 1 ? 200 : 50));

describe('the burnt-in barcode', () => {
  it('gives back every time that was drawn', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 44 - 1 }), (timeMs) => {
        assert.equal(readBars(brightness(barsOf(timeMs))), timeMs);
      }),
    );
  });

  it('tells nothing when any one bar is misread', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 44 - 1 }), fc.nat({ max: BARS - 1 }), (timeMs, at) => {
        const bars = barsOf(timeMs);
        bars[at] = 1 - (bars[at] ?? 0);
        assert.equal(readBars(brightness(bars)), null);
      }),
    );
  });

  for (const { name, input } of [
    { name: 'black', input: Array.from({ length: BARS }, () => 16) },
    { name: 'white', input: Array.from({ length: BARS }, () => 235) },
    { name: 'too few bars', input: [235, 16, 235, 16] },
  ]) {
    it(`reads nothing from ${name}`, () => assert.equal(readBars(input), null));
  }

  it('stands in the picture from edge to edge, and no lower than its height', () => {
    const luma = new Uint8Array(640 * 360).fill(128);
    drawBars(luma, 640, 360, 1_700_000_000_123);
    const row = (y: number): number[] =>
      Array.from({ length: BARS }, (_, bar) => luma[y * 640 + bar * 10 + 5] ?? 0);
    assert.equal(readBars(row(0)), 1_700_000_000_123);
    assert.equal(readBars(row(23)), 1_700_000_000_123);
    assert.ok(row(24).every((value) => value === 128));
  });
});
