import { summarize, type Summary } from '../measure/statistics.ts';
import type { Pictures, Sound } from './decode.ts';

/** Times of white pictures: the first of each run of them, seconds. Pure. */
export function flashTimes({ widthPx, heightPx, timesS, luma }: Pictures): number[] {
  const size = widthPx * heightPx;
  const bright = timesS.map((_, at) => {
    let sum = 0;
    for (const value of luma.subarray(at * size, (at + 1) * size)) sum += value;
    return sum / size > 210;
  });
  return timesS.filter((_, at) => bright[at] === true && bright[at - 1] !== true);
}

/** A sample so loud belongs to a beep; the hum between beeps stays far below. */
const LOUD = 0.2;
/** Nothing loud for so long before a beep begins, in samples at 48 kHz. */
const QUIET_SAMPLES = 9600;

/** Times at which beeps begin, seconds. One that had begun before the sound did is left out. Pure. */
export function beepTimes({ startS, samples }: Sound): number[] {
  const times: number[] = [];
  let lastLoud = -1;
  samples.forEach((value, at) => {
    if (Math.abs(value) < LOUD) return;
    if (at - lastLoud > QUIET_SAMPLES) times.push(startS + at / 48_000);
    lastLoud = at;
  });
  return times;
}

/**
 * How much later each beep is than the flash that belongs to it. Pure.
 *
 * @returns milliseconds, negative where sound comes first; only pairs closer than half a second count
 */
export function skewMs(flashesS: readonly number[], beepsS: readonly number[]): Summary {
  const skews = flashesS.flatMap((flash) => {
    const nearest = beepsS.reduce(
      (best, beep) => (Math.abs(beep - flash) < Math.abs(best - flash) ? beep : best),
      Infinity,
    );
    return Math.abs(nearest - flash) < 0.5 ? [(nearest - flash) * 1000] : [];
  });
  return summarize(skews);
}
