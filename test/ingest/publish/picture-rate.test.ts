import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isRateSettled, pictureRate } from '../../../ingest/publish/picture-rate.ts';
import { GRID_FRAME_RATES, gridFrameRate } from '../../../shared/grid.ts';

/** Times of pictures at a rate, as RTMP carries them. */
const at = (rate: number, ms: number): number[] =>
  Array.from({ length: Math.floor((ms * rate) / 1000) + 1 }, (_, i) => Math.round((i * 1000) / rate));
/** Times with these intervals, again and again. */
const every = (intervals: readonly number[], count: number): number[] => {
  const times = [0];
  for (let i = 0; i < count; i++) times.push((times.at(-1) ?? 0) + (intervals[i % intervals.length] ?? 0));
  return times;
};

describe('the frame rate of a publisher', () => {
  const table: { name: string; timesMs: number[]; declared: number; want: number }[] = [
    { name: 'nothing is declared', timesMs: at(30, 1000), declared: 0, want: 30 },
    { name: 'declared 15, sent 30', timesMs: at(30, 1000), declared: 15, want: 30 },
    { name: 'declared 60, sent 30', timesMs: at(30, 1000), declared: 60, want: 30 },
    { name: 'declared 30, sent 60', timesMs: at(60, 1000), declared: 30, want: 60 },
    { name: 'declared 30, sent 25', timesMs: at(25, 1000), declared: 30, want: 25 },
    { name: 'declared 25, sent 24', timesMs: at(24, 1000), declared: 25, want: 25 },
    { name: '23.976', timesMs: at(24_000 / 1001, 1000), declared: 0, want: 25 },
    { name: '29.97 as declared', timesMs: at(30_000 / 1001, 1000), declared: 29.97, want: 29.97 },
    { name: '29.97, not declared', timesMs: at(30_000 / 1001, 1000), declared: 0, want: 30 },
    { name: '50', timesMs: at(50, 1000), declared: 25, want: 50 },
    { name: '59.94', timesMs: at(60_000 / 1001, 1000), declared: 0, want: 60 },
    { name: '15', timesMs: at(15, 1000), declared: 30, want: 15 },
    { name: 'five a second for two seconds', timesMs: at(5, 2000), declared: 30, want: 5 },
    { name: 'a first second that stands still', timesMs: at(5, 1000), declared: 30, want: 30 },
    { name: 'a first second that stands still, of 60', timesMs: at(5, 1000), declared: 60, want: 30 },
    { name: 'a first second that stands still, of 15', timesMs: at(5, 1000), declared: 15, want: 15 },
    { name: 'a first second that stands still, not declared', timesMs: at(5, 1000), declared: 0, want: 5 },
    { name: 'a first few pictures of 60, declared 30', timesMs: at(60, 120), declared: 30, want: 60 },
    { name: 'one a second', timesMs: at(1, 2000), declared: 30, want: 30 },
    { name: 'one picture alone', timesMs: [0], declared: 30, want: 30 },
    { name: 'one picture alone, not declared', timesMs: [0], declared: 0, want: 0 },
    { name: 'a phone in the dark, 15 to 30', timesMs: every([33, 67, 67, 33], 20), declared: 30, want: 30 },
    { name: 'timestamps of arrival', timesMs: every([20, 45, 28, 41, 33, 36], 30), declared: 30, want: 30 },
    {
      name: 'a first picture of another clock',
      timesMs: [0, ...at(30, 1000).map((t) => t + 3_600_000)],
      declared: 0,
      want: 30,
    },
    {
      name: 'a camera that stands still for half a second',
      timesMs: [...at(30, 400), ...at(30, 400).map((t) => t + 900)],
      declared: 0,
      want: 30,
    },
    {
      name: 'a picture twice within 5 ms',
      timesMs: [0, 33, 67, 72, 100, 133, 167, 200],
      declared: 0,
      want: 30,
    },
  ];
  for (const { name, timesMs, declared, want } of table) {
    it(`${name}: ${want}`, () => assert.equal(pictureRate(timesMs, declared), want));
  }

  it('any steady rate of the grid is found, declared or not, over a second and more', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...GRID_FRAME_RATES.filter((rate) => rate >= 10)),
        fc.integer({ min: 1100, max: 2000 }),
        fc.nat(10_000),
        fc.constantFrom(0, 1, 15, 25, 30, 60, 240),
        (rate, spanMs, startMs, declared) => {
          const times = at(rate, spanMs).map((time) => time + startMs);
          const chosen = pictureRate(times, declared);
          assert.equal(gridFrameRate(chosen), rate);
        },
      ),
    );
  });

  const settled: { name: string; timesMs: number[]; declared: number; want: boolean }[] = [
    { name: 'as declared, after six pictures', timesMs: at(30, 170), declared: 30, want: true },
    { name: 'too few', timesMs: at(30, 100), declared: 30, want: false },
    { name: 'otherwise than declared', timesMs: at(30, 300), declared: 15, want: false },
    { name: 'not declared', timesMs: at(30, 500), declared: 0, want: false },
    { name: 'after a second whatever it is', timesMs: at(30, 1000), declared: 15, want: true },
    { name: 'none, and so nothing that says otherwise', timesMs: [], declared: 30, want: true },
    { name: 'none, and nothing declared', timesMs: [], declared: 0, want: false },
  ];
  for (const { name, timesMs, declared, want } of settled) {
    it(`${name}: ${want ? 'settled' : 'not yet'}`, () => {
      assert.equal(isRateSettled(timesMs, declared), want);
    });
  }
});
