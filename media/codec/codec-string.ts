import type { AacConfig } from './aac-config.ts';
import type { Av1Record } from './av1-config.ts';
import type { AvcRecord } from './avc-config.ts';
import type { HevcRecord } from './hevc-config.ts';

/**
 * Writes the codec string of H.264, such as `avc1.64001f`: profile, constraints and level in hexadecimal (RFC 6381 §3.3).
 *
 * @param entry the sample entry's type, `avc1` or `avc3`
 */
export function avcCodec(entry: string, { profile, compatibility, level }: AvcRecord): string {
  return `${entry}.${[profile, compatibility, level].map((byte) => hex(byte).padStart(2, '0')).join('')}`;
}

/**
 * Writes the codec string of H.265, such as `hvc1.1.6.L93.B0` (ISO/IEC 14496-15 annex E.3).
 *
 * @param entry the sample entry's type, `hvc1` or `hev1`
 */
export function hevcCodec(entry: string, record: HevcRecord): string {
  const space = ['', 'A', 'B', 'C'][record.profileSpace] ?? '';
  const constraints = [...record.constraints];
  // "trailing bytes that are zero may be omitted"
  while (constraints.at(-1) === 0) constraints.pop();
  return [
    entry,
    `${space}${record.profile}`,
    hex(reverseBits32(record.compatibility)).toUpperCase(),
    `${record.isHighTier ? 'H' : 'L'}${record.level}`,
    ...constraints.map((byte) => hex(byte).toUpperCase()),
  ].join('.');
}

/** Writes the codec string of AV1, such as `av01.0.04M.08` (AV1 ISOBMFF binding §5). */
export function av1Codec({ profile, level, isHighTier, bitDepth }: Av1Record): string {
  const twoDigits = (value: number): string => String(value).padStart(2, '0');
  return `av01.${profile}.${twoDigits(level)}${isHighTier ? 'H' : 'M'}.${twoDigits(bitDepth)}`;
}

/** Writes the codec string of MPEG-4 audio, such as `mp4a.40.2` (RFC 6381 §3.3). */
export function aacCodec({ objectType }: Pick<AacConfig, 'objectType'>): string {
  return `mp4a.40.${objectType}`;
}

function hex(value: number): string {
  return value.toString(16);
}

function reverseBits32(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = reversed * 2 + ((value >>> bit) & 1);
  return reversed;
}
