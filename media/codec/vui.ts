import type { BitReader } from './bit-reader.ts';
import type { AspectRatio, ColourDescription, PictureTiming } from './picture-format.ts';

/** What the VUI parameters of H.264 and H.265 say in the same way. */
export type VuiStart = {
  readonly sampleAspectRatio: AspectRatio | null;
  readonly fullRange: boolean;
  readonly colour: ColourDescription | null;
};

/** What holds where a sequence parameter set has no VUI parameters. */
export const NO_VUI: VuiStart = { sampleAspectRatio: null, fullRange: false, colour: null };

/** aspect_ratio_idc 1 to 16 (ISO/IEC 14496-10 Table E-1; the same in ISO/IEC 23008-2). */
const ASPECT_RATIOS =
  '1:1 12:11 10:11 16:11 40:33 24:11 20:11 32:11 80:33 18:11 15:11 64:33 160:99 4:3 3:2 2:1'
    .split(' ')
    .map((ratio) => ratio.split(':').map(Number));
/** aspect_ratio_idc Extended_SAR: two numbers follow. */
const EXTENDED_SAR = 255;
/** colour code point "unspecified" (ITU-T H.273 §8). */
const UNSPECIFIED = 2;

/** Reads VUI parameters from aspect_ratio_info_present_flag to the chroma locations (ISO/IEC 14496-10 §E.1.1). */
export function readVuiStart(bits: BitReader): VuiStart {
  const sampleAspectRatio = bits.flag() ? readAspectRatio(bits) : null; // aspect_ratio_info_present_flag
  if (bits.flag()) bits.flag(); // overscan_info_present_flag, overscan_appropriate_flag
  let fullRange = false;
  let colour: ColourDescription | null = null;
  // video_signal_type_present_flag
  if (bits.flag()) {
    bits.u(3); // video_format
    fullRange = bits.flag(); // video_full_range_flag
    if (bits.flag()) colour = readColour(bits); // colour_description_present_flag
  }
  // chroma_loc_info_present_flag
  if (bits.flag()) {
    bits.ue(); // chroma_sample_loc_type_top_field
    bits.ue(); // chroma_sample_loc_type_bottom_field
  }
  return { sampleAspectRatio, fullRange, colour };
}

/** Reads the timing flag and what follows it up to time_scale; null when the flag is not set. */
export function readTiming(bits: BitReader): PictureTiming | null {
  if (!bits.flag()) return null; // timing_info_present_flag
  const unitsInTick = bits.u(32); // num_units_in_tick
  const timescaleHz = bits.u(32); // time_scale
  return { unitsInTick, timescaleHz };
}

function readAspectRatio(bits: BitReader): AspectRatio | null {
  const index = bits.u(8); // aspect_ratio_idc
  const [horizontal = 0, vertical = 0] =
    index === EXTENDED_SAR ? [bits.u(16), bits.u(16)] : (ASPECT_RATIOS[index - 1] ?? []); // sar_width, sar_height
  // "When … equal to 0, the sample aspect ratio shall be considered unspecified" (§E.2.1).
  return horizontal === 0 || vertical === 0 ? null : { horizontal, vertical };
}

function readColour(bits: BitReader): ColourDescription | null {
  const primaries = bits.u(8); // colour_primaries
  const transfer = bits.u(8); // transfer_characteristics
  const matrix = bits.u(8); // matrix_coefficients
  const isSaid = [primaries, transfer, matrix].some((code) => code !== UNSPECIFIED);
  return isSaid ? { primaries, transfer, matrix } : null;
}
