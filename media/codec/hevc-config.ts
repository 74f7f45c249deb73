import { BitReader } from './bit-reader.ts';
import { type HevcSps, readHevcSps } from './hevc-sps.ts';
import { readVpsTiming } from './hevc-vps.ts';
import { isMalformed, type Malformed } from './malformed.ts';
import {
  HEVC_NAL,
  hevcLayer,
  hevcNalType,
  isNalLengthSize,
  type NalLengthSize,
  unescapeNal,
} from './nal-units.ts';
import { frameRateOf } from './picture-format.ts';

/** An HEVCDecoderConfigurationRecord: the content of hvcC, and of an FLV sequence start. */
export type HevcRecord = {
  /** general_profile_space, 0 to 3. */
  readonly profileSpace: number;
  readonly isHighTier: boolean;
  /** general_profile_idc: 1 is Main, 2 is Main 10. */
  readonly profile: number;
  /** general_profile_compatibility_flags, the flag of profile 0 highest. */
  readonly compatibility: number;
  /** general_constraint_indicator_flags, 6 bytes; borrowed. */
  readonly constraints: Buffer;
  /** Thirty times the level: 93 is level 3.1. */
  readonly level: number;
  /** Size of the length in front of each NAL unit of a sample, in bytes. */
  readonly lengthSize: NalLengthSize;
  /** All parameter sets and SEI messages, in the record's order; none where they stand in the samples. Borrowed. */
  readonly units: readonly Buffer[];
};

/** A configuration record with all its sequence parameter sets read. */
export type HevcConfig = HevcRecord & {
  /** One for each sequence parameter set, in the record's order; the first is the one that streams begin with. */
  readonly pictures: readonly [HevcSps, ...HevcSps[]];
};

/** Parameter sets that a record may have; encoders write three. */
const MAX_UNITS = 256;

/**
 * Reads an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 §8.3.3.1) without a look into its parameter sets.
 *
 * @param record untrusted; borrowed by the result
 */
export function readHevcRecord(record: Buffer): HevcRecord | Malformed {
  const bad = (why: string): Malformed => ({
    malformed: `HEVC configuration of ${record.length} bytes: ${why}`,
  });
  const bits = new BitReader(record);
  const version = bits.u(8); // configurationVersion
  const profileSpace = bits.u(2); // general_profile_space
  const isHighTier = bits.flag(); // general_tier_flag
  const profile = bits.u(5); // general_profile_idc
  const compatibility = bits.u(32); // general_profile_compatibility_flags
  const constraints = bits.bytes(6); // general_constraint_indicator_flags
  const level = bits.u(8); // general_level_idc
  // min_spatial_segmentation_idc, parallelismType, chroma_format_idc, bit depths and avgFrameRate, with their reserved
  // bits; then constantFrameRate, numTemporalLayers and temporalIdNested
  bits.skip(64 + 6);
  const lengthSize = bits.u(2) + 1; // lengthSizeMinusOne
  const units: Buffer[] = [];
  for (let arrays = bits.u(8); arrays > 0 && !bits.overran; arrays -= 1) {
    bits.skip(8); // array_completeness, reserved, NAL_unit_type
    const count = bits.u(16); // numNalus
    if (units.length + count > MAX_UNITS) return bad(`more than ${MAX_UNITS} NAL units`);
    for (let i = 0; i < count; i += 1) units.push(bits.bytes(bits.u(16))); // nalUnitLength, nalUnit
  }
  if (bits.overran) return bad('it ends too early');
  if (version !== 1) return bad(`configurationVersion ${version}, want 1`);
  if (!isNalLengthSize(lengthSize)) return bad('lengthSizeMinusOne 2 is reserved');
  return {
    ...{ profileSpace, isHighTier, profile, compatibility, constraints, level },
    ...{ lengthSize, units },
  };
}

/**
 * Reads an HEVCDecoderConfigurationRecord with its sequence parameter sets. Where these have no timing it is taken from
 * the video parameter set.
 *
 * @param record untrusted; borrowed by the result
 * @returns malformed also when it has no sequence parameter set, or one of them cannot be read
 */
export function readHevcConfig(record: Buffer): HevcConfig | Malformed {
  const read = readHevcRecord(record);
  if (isMalformed(read)) return read;
  // Those of further layers (another view, an alpha channel) have another syntax, and decoders of the first pass them over.
  const ofType = (type: number): Buffer[] =>
    read.units.filter((unit) => hevcNalType(unit[0] ?? 0) === type && hevcLayer(unit) === 0);
  const vpsTiming =
    ofType(HEVC_NAL.vps)
      .map(readVpsTiming)
      .find((timing) => timing !== null) ?? null;
  const pictures: HevcSps[] = [];
  for (const nal of ofType(HEVC_NAL.sps)) {
    const picture = readHevcSps(nal);
    if (isMalformed(picture)) return picture;
    const timing = picture.timing ?? vpsTiming;
    pictures.push({ ...picture, timing, frameRate: frameRateOf(timing, picture.isFieldSequence ? 2 : 1) });
  }
  const [first, ...others] = pictures;
  if (first === undefined) return { malformed: 'HEVC configuration without a sequence parameter set' };
  return { ...read, pictures: [first, ...others] };
}

/** general_profile_space to general_level_idc, behind the NAL unit's header and the first byte of an SPS: the same in both. */
const PROFILE_BYTES = 12;

/**
 * Writes an HEVCDecoderConfigurationRecord with lengths of four bytes (ISO/IEC 14496-15 §8.3.3.1).
 *
 * @param sps the first one gives profile, level and format
 * @returns a copy; malformed when the first SPS cannot be read; owned by the caller
 */
export function writeHevcRecord(
  vps: readonly Buffer[],
  sps: readonly Buffer[],
  pps: readonly Buffer[],
): Buffer | Malformed {
  const [first] = sps;
  if (first === undefined) return { malformed: 'HEVC without a sequence parameter set' };
  const read = readHevcSps(first);
  if (isMalformed(read)) return read;
  const bytes = unescapeNal(first);
  const subLayers = ((bytes[2] ?? 0) >> 1) & 7; // sps_max_sub_layers_minus1
  const isNested = (bytes[2] ?? 0) & 1; // sps_temporal_id_nesting_flag
  const arrays = [
    { type: HEVC_NAL.vps, units: vps },
    { type: HEVC_NAL.sps, units: sps },
    { type: HEVC_NAL.pps, units: pps },
  ];
  return Buffer.concat([
    Buffer.of(1), // configurationVersion
    bytes.subarray(3, 3 + PROFILE_BYTES),
    Buffer.of(0xf0, 0, 0xfc), // min_spatial_segmentation_idc, parallelismType: unknown
    Buffer.of(0xfc | read.chromaFormat, 0xf8 | (read.lumaBits - 8), 0xf8 | (read.chromaBits - 8)),
    // avgFrameRate, constantFrameRate: unknown; numTemporalLayers, temporalIdNested, lengthSizeMinusOne
    Buffer.of(0, 0, ((subLayers + 1) << 3) | (isNested << 2) | 3),
    Buffer.of(arrays.length), // numOfArrays
    ...arrays.flatMap(({ type, units }) => [
      Buffer.of(0x80 | type, units.length >> 8, units.length & 0xff), // array_completeness, NAL_unit_type, numNalus
      ...units.map((unit) => Buffer.concat([Buffer.of(unit.length >> 8, unit.length & 0xff), unit])),
    ]),
  ]);
}
