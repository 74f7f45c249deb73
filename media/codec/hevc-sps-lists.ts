import type { BitReader } from './bit-reader.ts';

/** num_short_term_ref_pic_sets, num_long_term_ref_pics_sps (ISO/IEC 23008-2 §7.4.3.2.1). */
const MAX_SHORT_TERM_SETS = 64;
const MAX_LONG_TERM_PICTURES = 32;
/** Pictures of one set: sps_max_dec_pic_buffering_minus1 is at most 15. */
const MAX_PICTURES = 16;

/** Passes over scaling_list_data (ISO/IEC 23008-2 §7.3.4). */
export function skipHevcScalingLists(bits: BitReader): void {
  for (let sizeId = 0; sizeId < 4; sizeId++) {
    for (let matrixId = 0; matrixId < 6; matrixId += sizeId === 3 ? 3 : 1) {
      // scaling_list_pred_mode_flag
      if (!bits.flag()) {
        bits.ue(); // scaling_list_pred_matrix_id_delta
        continue;
      }
      if (sizeId > 1) bits.se(); // scaling_list_dc_coef_minus8
      const coefficients = Math.min(64, 1 << (4 + sizeId * 2));
      for (let i = 0; i < coefficients && !bits.overran; i++) bits.se(); // scaling_list_delta_coef
    }
  }
}

/**
 * Passes over the short-term and the long-term reference pictures of a sequence parameter set.
 *
 * @param pocBits log2_max_pic_order_cnt_lsb_minus4 + 4
 * @returns false when a count is out of range
 */
export function skipReferencePictureSets(bits: BitReader, pocBits: number): boolean {
  const sets = bits.ue(); // num_short_term_ref_pic_sets
  if (sets > MAX_SHORT_TERM_SETS) return false;
  let pictures = 0;
  for (let index = 0; index < sets; index++) {
    pictures = skipShortTermSet(bits, index, pictures);
    if (pictures > MAX_PICTURES * 2 || bits.overran) return false;
  }
  // long_term_ref_pics_present_flag
  if (!bits.flag()) return true;
  const longTerm = bits.ue(); // num_long_term_ref_pics_sps
  if (longTerm > MAX_LONG_TERM_PICTURES) return false;
  bits.skip(longTerm * (pocBits + 1)); // lt_ref_pic_poc_lsb_sps, used_by_curr_pic_lt_sps_flag
  return true;
}

/**
 * Passes over st_ref_pic_set (§7.3.7).
 *
 * @param before number of pictures of the set before it (NumDeltaPocs), which it may be predicted from
 * @returns its own number of pictures
 */
function skipShortTermSet(bits: BitReader, index: number, before: number): number {
  // inter_ref_pic_set_prediction_flag
  if (index > 0 && bits.flag()) {
    bits.skip(1); // delta_rps_sign
    bits.ue(); // abs_delta_rps_minus1
    let pictures = 0;
    for (let i = 0; i <= before; i++) {
      const isUsed = bits.flag(); // used_by_curr_pic_flag
      // use_delta_flag, which is 1 where it is not there
      if (isUsed || bits.flag()) pictures += 1;
    }
    return pictures;
  }
  const pictures = bits.ue() + bits.ue(); // num_negative_pics, num_positive_pics
  for (let i = 0; i < pictures && !bits.overran; i++) {
    bits.ue(); // delta_poc_s0_minus1, delta_poc_s1_minus1
    bits.skip(1); // used_by_curr_pic_s0_flag, used_by_curr_pic_s1_flag
  }
  return pictures;
}
