import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { backoffMs, ROLL_CALL_BACKOFF } from '../../../player/net/backoff.ts';

describe('back-off', () => {
  it('lies between 0.2 and 10 s for playback, whatever has failed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, random) => {
          const waitMs = backoffMs(failures, random);
          ok(waitMs >= 200 && waitMs <= 10_000);
        },
      ),
    );
  });

  for (const { name, bounds, failures, most, least } of [
    {
      name: 'of playback: from 1 s to 10 s',
      bounds: undefined,
      failures: [1, 2, 3, 4, 5, 6],
      most: [1000, 2000, 4000, 8000, 10_000, 10_000],
      least: 200,
    },
    {
      name: 'of the roll call: from 1 s to 30 s',
      bounds: ROLL_CALL_BACKOFF,
      failures: [0, 1, 2, 3, 4, 5, 6, 1000],
      most: [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000],
      least: 0,
    },
  ]) {
    it(`doubles its bound with each failure, ${name}`, () => {
      deepEqual(
        failures.map((count) => backoffMs(count, 1, bounds)),
        most,
      );
      equal(backoffMs(5, 0, bounds), least);
    });
  }

  it('spreads over all of the bound, so that a school does not come back at once', () => {
    deepEqual(
      [0.25, 0.5, 0.75].map((random) => backoffMs(3, random)),
      [1000, 2000, 3000],
    );
  });
});
