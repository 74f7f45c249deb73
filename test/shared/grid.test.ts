import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  AAC_FRAME_SAMPLES,
  AUDIO_SAMPLE_RATE_HZ,
  GRID_FRAME_RATES,
  gridFrameRate,
  SEGMENT_DURATION_MS,
  segmentNumberAt,
  segmentStartMs,
  segmentTicks,
} from '../../shared/grid.ts';

describe('the grid', () => {
  const rates = [
    { name: 'an exact rate', input: 25, want: 25 },
    { name: 'NTSC 29.97', input: 29.97, want: 30 },
    { name: 'a little above, as measured', input: 30.02, want: 30 },
    { name: 'film', input: 24, want: 25 },
    { name: 'a slow slide camera', input: 3, want: 5 },
    { name: 'between two', input: 31, want: 50 },
    { name: 'beyond the grid', input: 120, want: 60 },
    { name: 'unknown', input: 0, want: 25 },
    { name: 'not a number', input: Number.NaN, want: 25 },
  ];
  for (const { name, input, want } of rates) {
    it(`puts ${name} (${input} fps) at ${want} fps`, () => assert.equal(gridFrameRate(input), want));
  }

  it('has a whole number of frames of every rate in D', () => {
    for (const fps of GRID_FRAME_RATES) assert.equal((fps * SEGMENT_DURATION_MS) % 1000, 0, `${fps} fps`);
  });

  it('has 75 AAC frames at 48 kHz in D', () => {
    assert.equal(segmentTicks(AUDIO_SAMPLE_RATE_HZ) / AAC_FRAME_SAMPLES, 75);
  });

  it('has D in whole ticks for any timescale that is a multiple of 5', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1, max: 20 }), (fifth, units) => {
        assert.ok(Number.isInteger(segmentTicks(fifth * 5, units)));
      }),
    );
  });

  it('finds any time between the start of its segment and the start of the next', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 4e12, noNaN: true }),
        fc.integer({ min: 1, max: 20 }),
        (timeMs, units) => {
          const number = segmentNumberAt(timeMs, units);
          assert.ok(segmentStartMs(number, units) <= timeMs);
          assert.ok(timeMs < segmentStartMs(number + 1, units));
        },
      ),
    );
  });

  it('gives a start back its own number, and the millisecond before it the number before', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000_000_000 }),
        fc.integer({ min: 1, max: 20 }),
        (number, units) => {
          assert.equal(segmentNumberAt(segmentStartMs(number, units), units), number);
          assert.equal(segmentNumberAt(segmentStartMs(number, units) - 1, units), number - 1);
        },
      ),
    );
  });
});
