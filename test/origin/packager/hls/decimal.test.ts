import assert from 'node:assert/strict';
import { formatDate, formatSeconds, ticksToMs } from '../../../../origin/packager/hls/decimal.ts';

describe('decimals of a playlist', () => {
  for (const [seconds, want] of [
    [1.6, '1.6'],
    [1 / 3, '0.333333'],
    [0.1 + 0.2, '0.3'],
    [9216 / 48_000, '0.192'],
    [2, '2'],
    [1e-6, '0.000001'],
    [0, '0'],
  ] as const) {
    it(`writes ${seconds} s as ${want}`, () => {
      assert.equal(formatSeconds(seconds), want);
    });
  }

  it('gives media time of this epoch in whole milliseconds, rounded to the nearest', () => {
    assert.equal(ticksToMs(1_581_899_400 * 90_000 + 45, 90_000), 1_581_899_400_001);
    assert.equal(ticksToMs(1_581_899_400 * 90_000 + 44, 90_000), 1_581_899_400_000);
    assert.equal(formatDate(1_581_899_400_001), '2020-02-17T00:30:00.001Z');
  });
});
