import { writeAv1Record } from '../../../media/codec/av1-config.ts';
import { readAv1SequenceHeader } from '../../../media/codec/av1-sequence-header.ts';
import { BitWriter } from '../../../media/codec/bit-writer.ts';
import { isMalformed } from '../../../media/codec/malformed.ts';

/**
 * An av1C of 320 × 240 pixels, 10 bits, Main.
 *
 * @param codes colour primaries, transfer characteristics and matrix coefficients; null where they are not described
 */
export function av1RecordOf(codes: readonly [number, number, number] | null): Buffer {
  const bits = new BitWriter()
    .u(3, 0) // seq_profile
    .flag(false) // still_picture
    .flag(true) // reduced_still_picture_header
    .u(5, 4) // seq_level_idx
    .u(4, 8) // frame_width_bits_minus_1
    .u(4, 7) // frame_height_bits_minus_1
    .u(9, 319) // max_frame_width_minus_1
    .u(8, 239) // max_frame_height_minus_1
    .u(6, 0) // tools
    .flag(true) // high_bitdepth
    .flag(false) // mono_chrome
    .flag(codes !== null); // color_description_present_flag
  for (const code of codes ?? []) bits.u(8, code);
  bits.u(8, 0).u(8, 0); // color_range and what follows
  const payload = bits.bytes();
  const header = readAv1SequenceHeader(payload);
  if (isMalformed(header)) throw new RangeError(header.malformed);
  const obu = Buffer.concat([Buffer.from([0x0a, payload.length]), payload]);
  return writeAv1Record(header, obu);
}
