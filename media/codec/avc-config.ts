import { type AvcSps, readAvcSps } from './avc-sps.ts';
import { BitReader } from './bit-reader.ts';
import { isMalformed, type Malformed } from './malformed.ts';
import { isNalLengthSize, type NalLengthSize } from './nal-units.ts';

/** An AVCDecoderConfigurationRecord: the content of avcC, and of an FLV sequence header. */
export type AvcRecord = {
  readonly profile: number;
  readonly compatibility: number;
  readonly level: number;
  /** Size of the length in front of each NAL unit of a sample, in bytes. */
  readonly lengthSize: NalLengthSize;
  /** Sequence parameter sets; none where they stand in the samples (avc3). Borrowed. */
  readonly sps: readonly Buffer[];
  /** Picture parameter sets. Borrowed. */
  readonly pps: readonly Buffer[];
};

/** A configuration record with its sequence parameter sets read. */
export type AvcConfig = AvcRecord & {
  /** One for each sequence parameter set that can be read, in the record's order; streams begin with the first. */
  readonly pictures: readonly [AvcSps, ...AvcSps[]];
};

/**
 * Reads an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1) without a look into its parameter sets. The fields
 * behind the picture parameter sets repeat what the sequence parameter sets say and are not read.
 *
 * @param record untrusted; borrowed by the result
 */
export function readAvcRecord(record: Buffer): AvcRecord | Malformed {
  const bits = new BitReader(record);
  const version = bits.u(8); // configurationVersion
  const profile = bits.u(8); // AVCProfileIndication
  const compatibility = bits.u(8); // profile_compatibility
  const level = bits.u(8); // AVCLevelIndication
  const lengthSize = (bits.u(8) & 3) + 1; // lengthSizeMinusOne
  const sps: Buffer[] = [];
  const pps: Buffer[] = [];
  // numOfSequenceParameterSets; sequenceParameterSetLength and the set
  for (let count = bits.u(8) & 0x1f; count > 0; count -= 1) sps.push(bits.bytes(bits.u(16)));
  // numOfPictureParameterSets; pictureParameterSetLength and the set
  for (let count = bits.u(8); count > 0; count -= 1) pps.push(bits.bytes(bits.u(16)));
  const bad = (why: string): Malformed => ({
    malformed: `AVC configuration of ${record.length} bytes: ${why}`,
  });
  if (bits.overran) return bad('it ends too early');
  if (version !== 1) return bad(`configurationVersion ${version}, want 1`);
  if (!isNalLengthSize(lengthSize)) return bad('lengthSizeMinusOne 2 is reserved');
  return { profile, compatibility, level, lengthSize, sps, pps };
}

/**
 * Reads an AVCDecoderConfigurationRecord with its sequence parameter sets.
 *
 * @param record untrusted; borrowed by the result
 * @returns malformed also when none of its sequence parameter sets can be read
 */
export function readAvcConfig(record: Buffer): AvcConfig | Malformed {
  const read = readAvcRecord(record);
  if (isMalformed(read)) return read;
  const pictures: AvcSps[] = [];
  let fault: Malformed = { malformed: 'AVC configuration without a sequence parameter set' };
  for (const nal of read.sps) {
    const picture = readAvcSps(nal);
    if (isMalformed(picture)) fault = picture;
    else pictures.push(picture);
  }
  const [first, ...others] = pictures;
  if (first === undefined) return fault;
  return { ...read, pictures: [first, ...others] };
}

/** Profiles whose record has the chroma format and the bit depths behind its parameter sets. */
const HIGH_PROFILES = new Set([100, 110, 122, 144]);

/**
 * Writes an AVCDecoderConfigurationRecord with lengths of four bytes (ISO/IEC 14496-15 §5.3.3.1).
 *
 * @param sps at most 31; the first one gives profile and level
 * @param pps at most 255
 * @returns a copy; owned by the caller
 */
export function writeAvcRecord(sps: readonly Buffer[], pps: readonly Buffer[]): Buffer {
  const [first] = sps;
  const [profile = 0, compatibility = 0, level = 0] = first?.subarray(1, 4) ?? [];
  const sets = sps.slice(0, 31);
  const pictureSets = pps.slice(0, 255);
  const read = first === undefined ? null : readAvcSps(first);
  const hasDepths = HIGH_PROFILES.has(profile) && read !== null && !isMalformed(read);
  return Buffer.concat([
    Buffer.of(1, profile, compatibility, level), // configurationVersion, AVCProfileIndication, …
    Buffer.of(0xff, 0xe0 | sets.length), // lengthSizeMinusOne, numOfSequenceParameterSets, with their reserved bits
    ...sets.map(withLength),
    Buffer.of(pictureSets.length), // numOfPictureParameterSets
    ...pictureSets.map(withLength),
    // chroma_format, bit_depth_luma_minus8, bit_depth_chroma_minus8, numOfSequenceParameterSetExt
    ...(hasDepths
      ? [Buffer.of(0xfc | read.chromaFormat, 0xf8 | (read.lumaBits - 8), 0xf8 | (read.chromaBits - 8), 0)]
      : []),
  ]);
}

function withLength(unit: Buffer): Buffer {
  return Buffer.concat([Buffer.of(unit.length >> 8, unit.length & 0xff), unit]);
}
