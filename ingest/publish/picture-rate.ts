import { gridFrameRate } from '../../shared/grid.ts';

/** A longer pause between two pictures, or a step back, is the encoder's start or its clock's, milliseconds. */
const MAX_INTERVAL_MS = 2000;
/** Intervals that are so much longer than the usual one are left out: the line or the camera stood still. */
const PAUSE_FACTOR = 3;
/** A picture that follows so closely is the same one again, or the second field of it. */
const TWICE_FACTOR = 3;
/** RTMP's timestamps are whole milliseconds: an interval may be longer by so much, and two ends together. */
const ROUNDING_MS = 0.7;
const ENDS_ROUNDING_MS = 1.5;
/** A camera that sometimes skips pictures is believed its rate when so many follow each other as closely as it says. */
const CLOSE_SHARE = 0.15;
const CLOSE_TOLERANCE = 1.1;
/** Fewer intervals say nothing of the rate to come, up to this one: a screen that stood still is declared at its usual rate. */
const CEILING_INTERVALS = 10;
const USUAL_RATE = 30;
/** So many intervals settle whether a declared rate is right … */
const SETTLING_INTERVALS = 5;
/** … and a stretch of this length measures any rate. Milliseconds. */
export const MEASURED_SPAN_MS = 1000;

/**
 * Chooses the frame rate of a publisher's pictures: what is measured goes before what is declared, because encoders declare defaults
 * and settings that they do not keep to. A declared rate that agrees with the measurement is the more exact one. Pure.
 *
 * @param timesMs decode times of the first pictures, in order, milliseconds
 * @param declared frames a second by metadata or bitstream; 0 when nothing is declared
 * @returns frames a second; 0 when nothing is known
 */
export function pictureRate(timesMs: readonly number[], declared: number): number {
  const intervals = steadyIntervals(timesMs);
  const spanMs = intervals.reduce((sum, each) => sum + each, 0);
  if (spanMs <= 0) return declared;
  const byCount = gridFrameRate((intervals.length * 1000) / (spanMs + ENDS_ROUNDING_MS));
  const byInterval = gridFrameRate(1000 / (usual(intervals) + ROUNDING_MS));
  const [low, high] = [Math.min(byCount, byInterval), Math.max(byCount, byInterval)];
  if (declared > 0) {
    const grid = gridFrameRate(declared);
    if (grid >= low && grid <= high) return declared;
    const close = intervals.filter((each) => each <= (1000 / declared) * CLOSE_TOLERANCE + ROUNDING_MS);
    if (grid > high && close.length >= intervals.length * CLOSE_SHARE) return declared;
    if (intervals.length < CEILING_INTERVALS) return Math.max(high, Math.min(declared, USUAL_RATE));
  }
  return high;
}

/**
 * Tells whether the pictures so far are enough for {@link pictureRate}. Pure.
 *
 * @param timesMs as there
 * @param declared as there
 */
export function isRateSettled(timesMs: readonly number[], declared: number): boolean {
  const [first, last] = [timesMs[0], timesMs.at(-1)];
  if (first === undefined || last === undefined || timesMs.length < 2) return declared > 0;
  if (last - first >= MEASURED_SPAN_MS) return true;
  if (declared <= 0 || timesMs.length <= SETTLING_INTERVALS) return false;
  return gridFrameRate(pictureRate(timesMs, 0)) === gridFrameRate(declared);
}

/** The intervals between pictures, without pauses, and without pictures that come twice. */
function steadyIntervals(timesMs: readonly number[]): readonly number[] {
  const typical = usual(intervalsOf(timesMs));
  const twice = typical / TWICE_FACTOR;
  const once = timesMs.filter((time, i) => i === 0 || Math.abs(time - (timesMs[i - 1] ?? time)) >= twice);
  const all = intervalsOf(once);
  const limit = usual(all) * PAUSE_FACTOR;
  return limit > 0 ? all.filter((each) => each <= limit) : all;
}

function intervalsOf(timesMs: readonly number[]): number[] {
  return timesMs
    .slice(1)
    .map((time, i) => time - (timesMs[i] ?? time))
    .filter((each) => each >= 0 && each <= MAX_INTERVAL_MS);
}

/** The mean of the middle half; 0 without any. */
function usual(intervals: readonly number[]): number {
  const sorted = intervals.toSorted((a, b) => a - b);
  const quarter = Math.floor(sorted.length / 4);
  const middle = sorted.slice(quarter, sorted.length - quarter);
  return middle.reduce((sum, each) => sum + each, 0) / Math.max(1, middle.length);
}
