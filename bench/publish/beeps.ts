/** Rate of the sound that publishers of the benchmarks send, in Hz; one channel, 16 bit. */
export const BEEP_SAMPLE_RATE_HZ = 48_000;
const BEEP_SAMPLES = 2400;
const BEEP_HZ = 1000;
const HUM_HZ = 220;

/**
 * Sound with a beep of 50 ms at each full second, over a hum that is a hundred times weaker.
 *
 * @param first number of the first sample; 0 is at a full second
 * @param count how many samples
 * @returns 16 bit little endian
 */
export function beeps(first: number, count: number): Buffer {
  const bytes = Buffer.allocUnsafe(count * 2);
  for (let at = 0; at < count; at += 1) {
    const sample = first + at;
    const within = sample % BEEP_SAMPLE_RATE_HZ;
    const tone =
      within < BEEP_SAMPLES
        ? // It begins at its crest: the first sample is as loud as any.
          0.6 * Math.cos((2 * Math.PI * BEEP_HZ * within) / BEEP_SAMPLE_RATE_HZ)
        : 0.006 * Math.sin((2 * Math.PI * HUM_HZ * sample) / BEEP_SAMPLE_RATE_HZ);
    bytes.writeInt16LE(Math.round(tone * 32_767), at * 2);
  }
  return bytes;
}
