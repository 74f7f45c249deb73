import { BitReader } from './bit-reader.ts';
import { readChannelElements } from './aac-channel-elements.ts';
import type { Malformed } from './malformed.ts';

/** What an AudioSpecificConfig says of the sound. */
export type AacConfig = {
  /**
   * Audio object type as it is signalled first: 2 is AAC-LC, 5 HE-AAC, 29 HE-AAC v2 (ISO/IEC 14496-3 Table 1.17). It is 2
   * as well for HE-AAC that is signalled compatibly, behind the configuration of its core: see {@link AacConfig.hasSbr}.
   */
  readonly objectType: number;
  /** Audio object type of the core that SBR extends; the same as `objectType` where there is no SBR. */
  readonly coreObjectType: number;
  /** Samples a second that a decoder with SBR puts out; not 0. */
  readonly sampleRateHz: number;
  /** Samples a second of the core: half of the above for HE-AAC, as a rule. */
  readonly coreSampleRateHz: number;
  /**
   * Channels that a decoder with PS puts out. 0 when only decoding tells: channelConfiguration is reserved, or 0 without a
   * program_config_element that names channels.
   */
  readonly channels: number;
  /** Channels of the core: 1 where PS makes stereo of them. 0 as above. */
  readonly coreChannels: number;
  /** channelConfiguration, 0 to 15 (Table 1.19). */
  readonly channelConfiguration: number;
  /** Samples of a frame of the core in each channel: 1,024 or 960. */
  readonly frameSamples: number;
  /** Spectral band replication is signalled, in either of the two explicit ways (§1.6.5). */
  readonly hasSbr: boolean;
  /** Parametric stereo is signalled, in either of the two explicit ways. */
  readonly hasPs: boolean;
};

/** Audio object types (Table 1.17). */
const AAC_LC = 2;
const SBR = 5;
const PS = 29;
/** Audio object types that are followed by a GASpecificConfig and whose frames are AAC's (Table 1.15). */
const GENERAL_AUDIO = new Set([1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, 23]);
/** Those of them with a layerNr (§4.4.1). */
const SCALABLE = new Set([6, 20]);
/** Those of them with flags for resilience behind extensionFlag. */
const RESILIENT = new Set([17, 19, 20, 23]);
const BSAC = 22;
/** syncExtensionType of SBR and of PS (§1.6.2.1). */
const SYNC_SBR = 0x2b7;
const SYNC_PS = 0x548;

/** With a program_config_element and its comment. */
const MAX_CONFIG_BYTES = 64;
/** samplingFrequencyIndex, in Hz (Table 1.18). */
const SAMPLE_RATES_HZ = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
];
/** samplingFrequencyIndex: the rate is written out in 24 bits. */
const RATE_ESCAPE = 15;
/** channelConfiguration to channels (Table 1.19); undefined is reserved. */
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8, ...[undefined, undefined, undefined], 7, 8, 24, 8, undefined];

/**
 * Reads an AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1).
 *
 * With channelConfiguration 0 the channels are counted in the program_config_element that follows. SBR and PS are read
 * where they are signalled explicitly; a stream that has them without saying so is described as its core.
 *
 * @param config untrusted; not retained
 * @returns malformed when it ends within its fixed fields, has more than 64 bytes, or names a reserved object type or rate.
 *   What follows those fields may be cut off; it then counts as absent.
 */
export function readAacConfig(config: Buffer): AacConfig | Malformed {
  const bad = (why: string): Malformed => ({
    malformed: `AudioSpecificConfig ${config.toString('hex', 0, 64)}: ${why}`,
  });
  if (config.length > MAX_CONFIG_BYTES)
    return bad(`${config.length} bytes, want at most ${MAX_CONFIG_BYTES}`);
  const bits = new BitReader(config);
  const objectType = readObjectType(bits);
  let coreObjectType = objectType;
  const coreSampleRateHz = readSampleRate(bits);
  let sampleRateHz = coreSampleRateHz;
  const channelConfiguration = bits.u(4); // channelConfiguration
  let hasPs = objectType === PS;
  let hasSbr = objectType === SBR || hasPs;
  if (hasSbr) {
    sampleRateHz = readSampleRate(bits); // extensionSamplingFrequencyIndex
    coreObjectType = readObjectType(bits);
    if (coreObjectType === BSAC) bits.skip(4); // extensionChannelConfiguration
  }
  if (bits.overran) return bad('it ends too early');
  if (objectType === 0) return bad('audio object type 0');
  if (coreSampleRateHz === 0 || sampleRateHz === 0) return bad('sampling rate 0 or reserved');

  // A reserved channelConfiguration says nothing; a decoder may still know better.
  let coreChannels: number = CHANNELS[channelConfiguration] ?? 0;
  let frameSamples = 1024;
  if (GENERAL_AUDIO.has(coreObjectType)) {
    const specific = readGeneralAudio(bits, coreObjectType, channelConfiguration);
    if (channelConfiguration === 0) coreChannels = specific.channels;
    frameSamples = specific.frameSamples;
    if (!hasSbr) {
      const extension = readSyncExtension(bits);
      hasSbr = extension.sampleRateHz !== null;
      hasPs = extension.hasPs;
      sampleRateHz = extension.sampleRateHz ?? coreSampleRateHz;
    }
  }
  return {
    ...{ objectType, coreObjectType, sampleRateHz, coreSampleRateHz },
    channels: hasPs && coreChannels === 1 ? 2 : coreChannels,
    ...{ coreChannels, channelConfiguration, frameSamples, hasSbr, hasPs },
  };
}

/**
 * Writes the AudioSpecificConfig of AAC-LC with frames of 1,024 samples.
 *
 * @param sampleRateHz 7,350 to 96,000
 * @param channels 1 to 6, or 8
 * @returns 2 bytes, or 5 for a rate that has no index; owned by the caller
 */
export function writeAacConfig(sampleRateHz: number, channels: 1 | 2 | 3 | 4 | 5 | 6 | 8): Buffer {
  const index = SAMPLE_RATES_HZ.indexOf(sampleRateHz);
  const head = index < 0 ? RATE_ESCAPE : index;
  // GASpecificConfig: frameLengthFlag, dependsOnCoreCoder and extensionFlag are 0.
  const tail = CHANNELS.indexOf(channels) << 3; // channelConfiguration
  const start = (AAC_LC << 11) | (head << 7); // audioObjectType, samplingFrequencyIndex
  if (index >= 0) return Buffer.of(start >> 8, (start & 0x80) | tail);
  const bytes = Buffer.alloc(5);
  bytes.writeUInt16BE(start);
  // samplingFrequency: 24 bits behind the first 9 of the configuration
  bytes.writeUInt32BE((((start & 0x80) << 24) | (sampleRateHz << 7) | tail) >>> 0, 1);
  return bytes;
}

function readObjectType(bits: BitReader): number {
  const type = bits.u(5); // audioObjectType
  return type === 31 ? 32 + bits.u(6) : type; // audioObjectTypeExt
}

/** @returns Hz; 0 for a reserved index */
function readSampleRate(bits: BitReader): number {
  const index = bits.u(4); // samplingFrequencyIndex
  return index === RATE_ESCAPE ? bits.u(24) : (SAMPLE_RATES_HZ[index] ?? 0); // samplingFrequency
}

/** GASpecificConfig (§4.4.1). */
function readGeneralAudio(
  bits: BitReader,
  objectType: number,
  channelConfiguration: number,
): { readonly channels: number; readonly frameSamples: number } {
  const frameSamples = bits.flag() ? 960 : 1024; // frameLengthFlag
  if (bits.flag()) bits.skip(14); // dependsOnCoreCoder, coreCoderDelay
  const hasExtension = bits.flag(); // extensionFlag
  const channels = channelConfiguration === 0 ? readChannelElements(bits) : 0; // program_config_element
  if (SCALABLE.has(objectType)) bits.skip(3); // layerNr
  if (hasExtension) {
    if (objectType === BSAC) bits.skip(5 + 11); // numOfSubFrame, layer_length
    if (RESILIENT.has(objectType)) bits.skip(3); // aac…DataResilienceFlag
    bits.skip(1); // extensionFlag3
  }
  return { channels, frameSamples };
}

/** The compatible way to signal SBR and PS: behind the configuration of the core. */
function readSyncExtension(bits: BitReader): {
  readonly sampleRateHz: number | null;
  readonly hasPs: boolean;
} {
  const none = { sampleRateHz: null, hasPs: false };
  if (bits.leftBits < 16 || bits.u(11) !== SYNC_SBR || readObjectType(bits) !== SBR) return none; // syncExtensionType
  if (!bits.flag()) return none; // sbrPresentFlag
  const sampleRateHz = readSampleRate(bits); // extensionSamplingFrequencyIndex
  if (bits.overran || sampleRateHz < 7350 || sampleRateHz > 96_000) return none;
  const hasPs = bits.leftBits >= 12 && bits.u(11) === SYNC_PS && bits.flag(); // psPresentFlag
  return { sampleRateHz, hasPs };
}
