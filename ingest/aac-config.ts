import { BitReader } from './bit-reader.ts';

/** What an AudioSpecificConfig says of the sound. */
export type AacConfig = {
  /** 2 is AAC-LC, 5 HE-AAC, 29 HE-AAC v2 (ISO/IEC 14496-3 Table 1.17). */
  readonly objectType: number;
  readonly sampleRateHz: number;
  readonly channels: number;
};

/** samplingFrequencyIndex (ISO/IEC 14496-3 Table 1.18). */
const SAMPLE_RATES_HZ = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
] as const;
/** channelConfiguration (ISO/IEC 14496-3 Table 1.19). */
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8] as const;

/**
 * Reads an AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1), as far as rate and channels go.
 *
 * @param config untrusted; borrowed
 * @returns null when it is malformed; for SBR the rate that comes out, not the core's
 */
export function readAacConfig(config: Buffer): AacConfig | null {
  const bits = new BitReader(config);
  let objectType = bits.u(5);
  if (objectType === 31) objectType = 32 + bits.u(6);
  let sampleRateHz = readRate(bits);
  // Configuration 0 describes its channels later on; what encoders mean by it is told by the decoder, so take stereo.
  const channels = CHANNELS[bits.u(4)] || 2;
  if (objectType === 5 || objectType === 29) sampleRateHz = readRate(bits);
  if (bits.overran || objectType === 0 || sampleRateHz < 7350 || sampleRateHz > 96_000) return null;
  return { objectType, sampleRateHz, channels: objectType === 29 ? 2 : channels };
}

function readRate(bits: BitReader): number {
  const index = bits.u(4);
  return index === 15 ? bits.u(24) : (SAMPLE_RATES_HZ[index] ?? 0);
}
