/** One AAC frame that stood behind an ADTS header. */
export type AdtsFrame = {
  /** Audio object type of the core: 2 is AAC-LC. */
  readonly objectType: number;
  readonly sampleRateHz: number;
  /** channel_configuration, 1 to 7. */
  readonly channelConfiguration: number;
  /** The raw frame, without its header; borrowed. */
  readonly data: Buffer;
};

/** sampling_frequency_index, in Hz (ISO/IEC 14496-3 Table 1.18). */
const SAMPLE_RATES_HZ = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
];
const HEADER_BYTES = 7;
const CRC_BYTES = 2;

/**
 * Takes the ADTS headers off AAC frames (ISO/IEC 14496-3 §1.A.2.2).
 *
 * @param data what was sent as one packet; untrusted, borrowed by the result
 * @returns its frames; null when it does not consist of ADTS frames from its first byte to its last. A raw frame is never
 *   taken for one: it would have to begin with an END element, and name its own length
 */
export function readAdtsFrames(data: Buffer): readonly AdtsFrame[] | null {
  const frames: AdtsFrame[] = [];
  for (let at = 0; at < data.length; ) {
    const first = data[at];
    const second = data[at + 1] ?? 0;
    // syncword 0xfff; then ID, layer (always 0) and protection_absent
    if (first !== 0xff || (second & 0xf6) !== 0xf0 || at + HEADER_BYTES > data.length) return null;
    const hasCrc = (second & 1) === 0;
    const third = data.readUInt32BE(at + 2);
    const objectType = (third >>> 30) + 1; // profile_ObjectType
    const sampleRateHz = SAMPLE_RATES_HZ[(third >>> 26) & 0xf]; // sampling_frequency_index
    const channelConfiguration = (third >>> 22) & 7; // channel_configuration, behind private_bit
    const sizeBytes = (third >>> 5) & 0x1fff; // aac_frame_length, behind four single bits
    const headBytes = HEADER_BYTES + (hasCrc ? CRC_BYTES : 0);
    const end = at + sizeBytes;
    if (sampleRateHz === undefined || sizeBytes < headBytes || end > data.length) return null;
    frames.push({ objectType, sampleRateHz, channelConfiguration, data: data.subarray(at + headBytes, end) });
    at = end;
  }
  return frames.length === 0 ? null : frames;
}

/** Writes the AudioSpecificConfig of a frame (ISO/IEC 14496-3 §1.6.2.1). @returns 2 bytes; owned by the caller */
export function adtsConfig({ objectType, sampleRateHz, channelConfiguration }: AdtsFrame): Buffer {
  const index = SAMPLE_RATES_HZ.indexOf(sampleRateHz);
  // audioObjectType, samplingFrequencyIndex, channelConfiguration; the flags of GASpecificConfig are 0.
  const bits = (objectType << 11) | (index << 7) | (channelConfiguration << 3);
  return Buffer.of(bits >> 8, bits & 0xff);
}
