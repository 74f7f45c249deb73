/** What a level allows: macroblocks a second, macroblocks a frame, and kbit/s in the Main profile (ITU-T H.264 Table A-1). */
const LEVELS: readonly (readonly [level: string, mbPerSecond: number, mbPerFrame: number, kbps: number])[] = [
  ['1.1', 3000, 396, 192],
  ['1.2', 6000, 396, 384],
  ['1.3', 11_880, 396, 768],
  ['2.1', 19_800, 792, 4000],
  ['2.2', 20_250, 1620, 4000],
  ['3.0', 40_500, 1620, 10_000],
  ['3.1', 108_000, 3600, 14_000],
  ['3.2', 216_000, 5120, 20_000],
  ['4.0', 245_760, 8192, 20_000],
  ['4.2', 522_240, 8704, 50_000],
  ['5.0', 589_824, 22_080, 135_000],
  ['5.1', 983_040, 36_864, 240_000],
];
const HIGHEST = '5.2';
/** The High profile allows a quarter more bits (Table A-2, cpbBrVclFactor). */
const HIGH_PROFILE_FACTOR = 1.25;

/**
 * The lowest level of H.264 that allows a picture in the High profile.
 *
 * @param picture size in pixels, frames a second, and peak rate in kbit/s
 * @returns as ffmpeg and x264 write it: `3.1`; 5.2 where no lower one fits
 * @see ITU-T H.264 §A.3.4
 */
export function avcLevel(picture: {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly frameRate: number;
  readonly maxRateKbps: number;
}): string {
  const { widthPx, heightPx, frameRate, maxRateKbps } = picture;
  const wide = Math.ceil(widthPx / 16);
  const high = Math.ceil(heightPx / 16);
  const fits = LEVELS.find(
    ([, mbPerSecond, mbPerFrame, kbps]) =>
      wide * high <= mbPerFrame &&
      wide * high * frameRate <= mbPerSecond &&
      // No side is longer than the root of eight times the frame's size (§A.3.1, item f).
      Math.max(wide, high) ** 2 <= 8 * mbPerFrame &&
      maxRateKbps <= kbps * HIGH_PROFILE_FACTOR,
  );
  return fits?.[0] ?? HIGHEST;
}
