import { type Box, type BoxSource, FieldReader } from './box-reader.ts';

/** What an esds box says of MPEG-4 audio. */
export type AudioConfig = {
  /** RFC 6381 §3.3: `mp4a.40.2` is AAC-LC. */
  readonly codec: string;
  readonly sampleRateHz: number;
  /** 0 where the configuration leaves it to the program config element. */
  readonly channels: number;
  /** The AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1); a copy. */
  readonly specificConfig: Buffer;
};

/** samplingFrequencyIndex (ISO/IEC 14496-3 §1.6.3.4), in Hz. */
const SAMPLE_RATES_HZ = [
  96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
];
/** channelConfiguration (ISO/IEC 14496-3 §1.6.3.5): index to number of channels. */
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8];
/** objectTypeIndication of MPEG-4 audio (ISO/IEC 14496-1 §7.2.6.6). */
const MPEG4_AUDIO = 0x40;

/**
 * Reads an esds box (ISO/IEC 14496-14 §5.6): ES_Descriptor, DecoderConfigDescriptor, AudioSpecificConfig.
 *
 * @throws {CmafError} `bad-cmaf` for anything but MPEG-4 audio, and for a descriptor that does not fit
 */
export function readAudioConfig(source: BoxSource, esds: Box): AudioConfig {
  const fields = new FieldReader(source, esds);
  fields.skip(4); // version, flags
  expectDescriptor(fields, 3, 'ES_Descriptor');
  fields.skip(2); // ES_ID
  const flags = fields.u8();
  if ((flags & 0x80) !== 0) fields.skip(2); // dependsOn_ES_ID
  if ((flags & 0x40) !== 0) fields.skip(fields.u8()); // URLstring
  if ((flags & 0x20) !== 0) fields.skip(2); // OCR_ES_Id
  expectDescriptor(fields, 4, 'DecoderConfigDescriptor');
  const objectType = fields.u8(); // objectTypeIndication
  if (objectType !== MPEG4_AUDIO) {
    throw fields.bad(`objectTypeIndication 0x${objectType.toString(16)}, want 0x40 (MPEG-4 audio)`);
  }
  fields.skip(12); // streamType, bufferSizeDB, maxBitrate, avgBitrate
  const length = expectDescriptor(fields, 5, 'DecoderSpecificInfo');
  if (length < 2 || length > 64) throw fields.bad(`AudioSpecificConfig of ${length} bytes, want 2 to 64`);
  const specificConfig = Buffer.from(source.bytes.subarray(fields.at, fields.at + length));
  return { ...readSpecificConfig(fields, specificConfig), specificConfig };
}

/** Reads a descriptor's tag and its length in 7 bits a byte, up to four (ISO/IEC 14496-1 §8.3.3). */
function expectDescriptor(fields: FieldReader, tag: number, name: string): number {
  const got = fields.u8();
  if (got !== tag) throw fields.bad(`descriptor tag ${got}, want ${tag} (${name})`);
  let length = 0;
  for (let i = 0; ; i++) {
    const byte = fields.u8();
    length = length * 128 + (byte & 0x7f);
    if ((byte & 0x80) === 0) break;
    if (i === 3) throw fields.bad(`${name}: its length takes more than 4 bytes`);
  }
  if (length > fields.left) throw fields.bad(`${name}: length ${length}, ${fields.left} bytes are left`);
  return length;
}

function readSpecificConfig(fields: FieldReader, config: Buffer): Omit<AudioConfig, 'specificConfig'> {
  let bitAt = 0;
  const take = (bits: number): number => {
    if (bitAt + bits > config.length * 8) {
      throw fields.bad(`AudioSpecificConfig ${config.toString('hex')} ends too early`);
    }
    let value = 0;
    for (const stop = bitAt + bits; bitAt < stop; bitAt++) {
      value = value * 2 + (((config[bitAt >> 3] ?? 0) >> (7 - (bitAt & 7))) & 1);
    }
    return value;
  };
  let objectType = take(5); // audioObjectType
  if (objectType === 31) objectType = 32 + take(6); // audioObjectTypeExt
  const rateIndex = take(4); // samplingFrequencyIndex
  const sampleRateHz = rateIndex === 15 ? take(24) : SAMPLE_RATES_HZ[rateIndex];
  if (objectType === 0 || sampleRateHz === undefined || sampleRateHz === 0) {
    throw fields.bad(
      `AudioSpecificConfig ${config.toString('hex')}: object type or sampling rate is reserved`,
    );
  }
  return { codec: `mp4a.40.${objectType}`, sampleRateHz, channels: CHANNELS[take(4)] ?? 0 };
}
