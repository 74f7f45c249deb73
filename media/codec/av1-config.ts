import type { Av1SequenceHeader } from './av1-sequence-header.ts';
import { BitReader } from './bit-reader.ts';
import { BitWriter } from './bit-writer.ts';
import type { Malformed } from './malformed.ts';

/** An AV1CodecConfigurationRecord: the content of av1C, and of an FLV sequence start. */
export type Av1Record = {
  /** seq_profile: 0 is Main. */
  readonly profile: number;
  /** seq_level_idx_0. */
  readonly level: number;
  readonly isHighTier: boolean;
  /** Bits of a sample: 8, 10 or 12. */
  readonly bitDepth: 8 | 10 | 12;
  readonly isMonochrome: boolean;
  /** configOBUs: the sequence header, as a rule; may be empty. Borrowed. */
  readonly obus: Buffer;
};

/**
 * Reads an AV1CodecConfigurationRecord (AV1 ISOBMFF binding §2.3). The picture's size stands in the OBUs, which are not
 * read.
 *
 * @param record untrusted; borrowed by the result
 */
export function readAv1Record(record: Buffer): Av1Record | Malformed {
  const bits = new BitReader(record);
  const marker = bits.u(8); // marker (1), version (7)
  const profile = bits.u(3); // seq_profile
  const level = bits.u(5); // seq_level_idx_0
  const isHighTier = bits.flag(); // seq_tier_0
  const isHighDepth = bits.flag(); // high_bitdepth
  const isTwelveBit = bits.flag(); // twelve_bit
  const isMonochrome = bits.flag(); // monochrome
  bits.skip(4 + 8); // chroma_subsampling_x, …_y, chroma_sample_position; initial_presentation_delay
  if (bits.overran) return { malformed: `AV1 configuration of ${record.length} bytes: it ends too early` };
  if (marker !== 0x81) {
    return { malformed: `AV1 configuration: marker and version 0x${marker.toString(16)}, want 0x81` };
  }
  const bitDepth = isHighDepth ? (isTwelveBit ? 12 : 10) : 8;
  return { profile, level, isHighTier, bitDepth, isMonochrome, obus: record.subarray(4) };
}

/**
 * Writes an AV1CodecConfigurationRecord (AV1 ISOBMFF binding §2.3).
 *
 * @param obu the sequence header OBU, whole, with its size
 * @returns a copy; owned by the caller
 */
export function writeAv1Record(header: Av1SequenceHeader, obu: Buffer): Buffer {
  const bits = new BitWriter()
    .u(8, 0x81) // marker, version
    .u(3, header.profile) // seq_profile
    .u(5, header.level) // seq_level_idx_0
    .flag(header.isHighTier) // seq_tier_0
    .flag(header.bitDepth > 8) // high_bitdepth
    .flag(header.bitDepth === 12) // twelve_bit
    .flag(header.isMonochrome) // monochrome
    .u(1, header.subsamplingX) // chroma_subsampling_x
    .u(1, header.subsamplingY) // chroma_subsampling_y
    .u(2, header.chromaPosition) // chroma_sample_position
    .u(8, 0); // initial_presentation_delay_present
  return Buffer.concat([bits.bytes(), obu]);
}
