/** What the header of an MPEG audio frame says. */
export type MpegAudioHeader = {
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
};

/** sampling_frequency of MPEG-1; MPEG-2 has half, MPEG-2.5 a quarter of it. */
const SAMPLE_RATES_HZ = [44_100, 48_000, 32_000];
const VERSION_2_5 = 0;
const VERSION_1 = 3;
const MONO = 3;

/**
 * Reads the header of an MP3 frame (ISO/IEC 11172-3 §2.4.1.3, ISO/IEC 13818-3).
 *
 * @param frame untrusted; not retained
 * @returns null where it does not begin with one
 */
export function readMpegAudioHeader(frame: Buffer): MpegAudioHeader | null {
  const second = frame[1] ?? 0;
  // syncword: 11 bits
  if (frame.length < 4 || frame[0] !== 0xff || (second & 0xe0) !== 0xe0) return null;
  const version = (second >> 3) & 3; // ID
  const layer = (second >> 1) & 3; // layer
  const baseHz = SAMPLE_RATES_HZ[((frame[2] ?? 0) >> 2) & 3]; // sampling_frequency
  if (version === 1 || layer === 0 || baseHz === undefined) return null;
  const divisor = version === VERSION_1 ? 1 : version === VERSION_2_5 ? 4 : 2;
  return { sampleRateHz: baseHz / divisor, channels: (frame[3] ?? 0) >> 6 === MONO ? 1 : 2 }; // mode
}
