import { type AacConfig, readAacConfig } from '../codec/aac-config.ts';
import { isMalformed } from '../codec/malformed.ts';
import type { Box, BoxSource } from './box-reader.ts';
import { FieldReader } from './field-reader.ts';
import { fullBox, u16, u32 } from './box-writer.ts';

/** The elementary stream descriptor of AAC. */
export type AacDescriptor = {
  /** The AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1), 2 to 64 bytes. Borrowed where it was read. */
  readonly specificConfig: Buffer;
  /** What it says. */
  readonly aac: AacConfig;
};

/** Descriptor tags (ISO/IEC 14496-1 §7.2.2.1). */
const TAG = { elementaryStream: 3, decoderConfig: 4, decoderSpecific: 5, slConfig: 6 } as const;
/** objectTypeIndication of MPEG-4 audio (ISO/IEC 14496-1 §7.2.6.6). */
const MPEG4_AUDIO = 0x40;
/** streamType 5 (audio), upStream 0, reserved 1 (§7.2.6.6). */
const AUDIO_STREAM = 0x15;

/**
 * Reads an esds box (ISO/IEC 14496-14 §5.6): ES_Descriptor, DecoderConfigDescriptor, AudioSpecificConfig.
 *
 * @throws {MediaError} `bad-cmaf` for anything but MPEG-4 audio, for a descriptor that does not fit, and for a
 *   configuration that cannot be read
 */
export function readEsds(source: BoxSource, esds: Box): AacDescriptor {
  const fields = new FieldReader(source, esds);
  fields.skip(4); // version, flags
  expectDescriptor(fields, TAG.elementaryStream, 'ES_Descriptor');
  fields.skip(2); // ES_ID
  const flags = fields.u8(); // streamDependenceFlag, URL_Flag, OCRstreamFlag, streamPriority
  if ((flags & 0x80) !== 0) fields.skip(2); // dependsOn_ES_ID
  if ((flags & 0x40) !== 0) fields.skip(fields.u8()); // URLlength, URLstring
  if ((flags & 0x20) !== 0) fields.skip(2); // OCR_ES_Id
  expectDescriptor(fields, TAG.decoderConfig, 'DecoderConfigDescriptor');
  const objectType = fields.u8(); // objectTypeIndication
  if (objectType !== MPEG4_AUDIO) {
    throw fields.bad(`objectTypeIndication 0x${objectType.toString(16)}, want 0x40 (MPEG-4 audio)`);
  }
  fields.skip(12); // streamType, bufferSizeDB, maxBitrate, avgBitrate
  const length = expectDescriptor(fields, TAG.decoderSpecific, 'DecoderSpecificInfo');
  const specificConfig = fields.bytes(length);
  const aac = readAacConfig(specificConfig);
  if (isMalformed(aac)) throw fields.bad(aac.malformed);
  return { specificConfig, aac };
}

/**
 * Writes an esds box (ISO/IEC 14496-14 §5.6).
 *
 * @param specificConfig AudioSpecificConfig of 2 to 64 bytes; copied
 */
export function writeEsds(specificConfig: Buffer): Buffer {
  const decoderConfig = descriptor(TAG.decoderConfig, [
    Buffer.of(MPEG4_AUDIO, AUDIO_STREAM), // objectTypeIndication; streamType, upStream, reserved
    ...[Buffer.alloc(3), u32(0), u32(0)], // bufferSizeDB, maxBitrate, avgBitrate: 0 is "not known"
    descriptor(TAG.decoderSpecific, [specificConfig]),
  ]);
  const slConfig = descriptor(TAG.slConfig, [Buffer.of(2)]); // predefined: reserved for use in MP4 files
  const stream = [u16(0), Buffer.of(0), decoderConfig, slConfig]; // ES_ID, flags
  return fullBox('esds', 0, 0, [descriptor(TAG.elementaryStream, stream)]);
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

/** A descriptor of less than 128 bytes (ISO/IEC 14496-1 §8.3.3). */
function descriptor(tag: number, content: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(content);
  return Buffer.concat([Buffer.of(tag, bytes.length), bytes]);
}
