import { type Box, type BoxSource, FieldReader } from './box-reader.ts';

/**
 * Writes the codec string of H.264: `avc1.` and profile, constraints and level in hexadecimal (RFC 6381 §3.3).
 *
 * @param entry the sample entry's type, `avc1` or `avc3`
 * @param avcC AVCConfigurationBox (ISO/IEC 14496-15 §5.3.3.1)
 * @throws {CmafError} `bad-cmaf`
 */
export function avcCodec(source: BoxSource, entry: string, avcC: Box): string {
  const fields = new FieldReader(source, avcC);
  expectVersion(fields, fields.u8()); // configurationVersion
  return `${entry}.${hex(fields.u8())}${hex(fields.u8())}${hex(fields.u8())}`; // AVCProfileIndication, profile_compatibility, AVCLevelIndication
}

/**
 * Writes the codec string of H.265, such as `hvc1.1.6.L93.B0` (ISO/IEC 14496-15 annex E.3).
 *
 * @param entry the sample entry's type, `hvc1` or `hev1`
 * @param hvcC HEVCConfigurationBox (ISO/IEC 14496-15 §8.3.3.1)
 * @throws {CmafError} `bad-cmaf`
 */
export function hevcCodec(source: BoxSource, entry: string, hvcC: Box): string {
  const fields = new FieldReader(source, hvcC);
  expectVersion(fields, fields.u8()); // configurationVersion
  const profile = fields.u8(); // general_profile_space (2), general_tier_flag (1), general_profile_idc (5)
  const compatibility = fields.u32(); // general_profile_compatibility_flags
  const constraints: number[] = [];
  for (let i = 0; i < 6; i++) constraints.push(fields.u8()); // general_constraint_indicator_flags
  const level = fields.u8(); // general_level_idc
  while (constraints.at(-1) === 0) constraints.pop();
  const space = ['', 'A', 'B', 'C'][profile >> 6] ?? '';
  const tier = (profile & 0x20) === 0 ? 'L' : 'H';
  return [
    entry,
    `${space}${profile & 0x1f}`,
    reverseBits32(compatibility).toString(16).toUpperCase(),
    `${tier}${level}`,
    ...constraints.map((byte) => byte.toString(16).toUpperCase()),
  ].join('.');
}

/**
 * Writes the codec string of AV1, such as `av01.0.04M.08` (AV1 Codec ISO Media File Format Binding §5).
 *
 * @param av1C AV1CodecConfigurationBox (§2.3)
 * @throws {CmafError} `bad-cmaf`
 */
export function av1Codec(source: BoxSource, av1C: Box): string {
  const fields = new FieldReader(source, av1C);
  const marker = fields.u8(); // marker (1), version (7)
  if (marker !== 0x81) throw fields.bad(`marker and version 0x${hex(marker)}, want 0x81`);
  const profile = fields.u8(); // seq_profile (3), seq_level_idx_0 (5)
  const bits = fields.u8(); // seq_tier_0 (1), high_bitdepth (1), twelve_bit (1), …
  const level = String(profile & 0x1f).padStart(2, '0');
  const depth = (bits & 0x40) === 0 ? '08' : (bits & 0x20) === 0 ? '10' : '12';
  return `av01.${profile >> 5}.${level}${(bits & 0x80) === 0 ? 'M' : 'H'}.${depth}`;
}

function expectVersion(fields: FieldReader, version: number): void {
  if (version !== 1) throw fields.bad(`configurationVersion ${version}, want 1`);
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

function reverseBits32(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = reversed * 2 + ((value >>> bit) & 1);
  return reversed;
}
