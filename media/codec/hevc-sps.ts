import { BitReader } from './bit-reader.ts';
import { type HevcProfile, readProfileTierLevel, skipSubLayerOrdering } from './hevc-profile.ts';
import { skipHevcScalingLists, skipReferencePictureSets } from './hevc-sps-lists.ts';
import type { Malformed } from './malformed.ts';
import { HEVC_NAL, hevcNalType, unescapeNal } from './nal-units.ts';
import { frameRateOf, isPossibleSize, MAX_SPS_BYTES, type PictureFormat } from './picture-format.ts';
import { NO_VUI, readTiming, readVuiStart } from './vui.ts';

/** An H.265 sequence parameter set. */
export type HevcSps = PictureFormat &
  HevcProfile & {
    /** field_seq_flag: every picture is one field. Heights are those of the frames that two of them make. */
    readonly isFieldSequence: boolean;
    /** frame_field_info_present_flag: a picture's timing message begins with pic_struct. */
    readonly hasFieldInfo: boolean;
  };

/**
 * Reads an H.265 sequence parameter set up to the timing in its VUI parameters (ISO/IEC 23008-2 §7.3.2.2, §E.2.1).
 *
 * A tick is a picture, which is a frame unless field_seq_flag is set (§E.3.1).
 *
 * @param nal the NAL unit as it is stored, with its header and emulation prevention bytes; untrusted, borrowed
 * @returns malformed for another type of NAL unit, one of more than 1,024 bytes, one that ends too early or has counts
 *   out of range, and a picture size that is not between 16 and 8,192 pixels each way
 */
export function readHevcSps(nal: Buffer): HevcSps | Malformed {
  const bad = (why: string): Malformed => ({ malformed: `SPS of ${nal.length} bytes: ${why}` });
  if (nal.length < 4) return bad('want 4 or more');
  if (nal.length > MAX_SPS_BYTES) return bad(`want at most ${MAX_SPS_BYTES}`);
  const type = hevcNalType(nal[0] ?? 0);
  if (type !== HEVC_NAL.sps) return bad(`nal_unit_type ${type}, want ${HEVC_NAL.sps}`);
  const bits = new BitReader(unescapeNal(nal.subarray(2)));
  bits.skip(4); // sps_video_parameter_set_id
  const maxSubLayersMinus1 = bits.u(3); // sps_max_sub_layers_minus1
  bits.skip(1); // sps_temporal_id_nesting_flag
  const profile = readProfileTierLevel(bits, maxSubLayersMinus1);
  const id = bits.ue(); // sps_seq_parameter_set_id
  const chromaFormat = bits.ue(); // chroma_format_idc
  const separatePlanes = chromaFormat === 3 && bits.flag(); // separate_colour_plane_flag
  const codedWidthPx = bits.ue(); // pic_width_in_luma_samples
  const pictureHeightPx = bits.ue(); // pic_height_in_luma_samples
  // conformance_window_flag, conf_win_left_offset, …_right_offset, …_top_offset, …_bottom_offset
  const [left, right, top, bottom] = bits.flag()
    ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()]
    : [0, 0, 0, 0];
  const lumaBits = bits.ue() + 8; // bit_depth_luma_minus8
  const chromaBits = bits.ue() + 8; // bit_depth_chroma_minus8
  const pocBits = bits.ue() + 4; // log2_max_pic_order_cnt_lsb_minus4
  if (pocBits > 16) return bad(`log2_max_pic_order_cnt_lsb_minus4 ${pocBits - 4}, want at most 12`);
  skipSubLayerOrdering(bits, maxSubLayersMinus1);
  // log2_min_luma_coding_block_size_minus3, log2_diff_max_min_luma_coding_block_size, the same of transform blocks,
  // max_transform_hierarchy_depth_inter, …_intra
  for (let i = 0; i < 6; i++) bits.ue();
  // scaling_list_enabled_flag, sps_scaling_list_data_present_flag
  if (bits.flag() && bits.flag()) skipHevcScalingLists(bits);
  bits.skip(2); // amp_enabled_flag, sample_adaptive_offset_enabled_flag
  // pcm_enabled_flag
  if (bits.flag()) {
    bits.skip(4 + 4); // pcm_sample_bit_depth_luma_minus1, …_chroma_minus1
    bits.ue(); // log2_min_pcm_luma_coding_block_size_minus3
    bits.ue(); // log2_diff_max_min_pcm_luma_coding_block_size
    bits.skip(1); // pcm_loop_filter_disabled_flag
  }
  if (!skipReferencePictureSets(bits, pocBits)) return bad('its reference picture sets are out of range');
  bits.skip(2); // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
  const hasVui = bits.flag(); // vui_parameters_present_flag
  const { timing, isFieldSequence, hasFieldInfo, ...vui } = hasVui
    ? readVui(bits)
    : { ...NO_VUI, ...NO_TIMING };
  if (bits.overran) return bad('it ends too early');

  // SubWidthC and SubHeightC: Table 6-1.
  const sampling = separatePlanes ? 0 : chromaFormat;
  const picturesPerFrame = isFieldSequence ? 2 : 1;
  const codedHeightPx = pictureHeightPx * picturesPerFrame;
  const widthPx = codedWidthPx - (left + right) * (sampling === 1 || sampling === 2 ? 2 : 1);
  const heightPx = codedHeightPx - (top + bottom) * (sampling === 1 ? 2 : 1) * picturesPerFrame;
  if (!isPossibleSize(widthPx, heightPx)) return bad(`picture of ${widthPx} x ${heightPx}`);
  return {
    ...profile,
    ...{ id, widthPx, heightPx, codedWidthPx, codedHeightPx, ...vui, timing },
    frameRate: frameRateOf(timing, picturesPerFrame),
    isFixedRate: false,
    framesOnly: !isFieldSequence && !profile.isInterlacedSource,
    ...{ isFieldSequence, hasFieldInfo, chromaFormat, lumaBits, chromaBits },
  };
}

const NO_TIMING = { timing: null, isFieldSequence: false, hasFieldInfo: false };

function readVui(
  bits: BitReader,
): Pick<
  HevcSps,
  'sampleAspectRatio' | 'fullRange' | 'colour' | 'timing' | 'isFieldSequence' | 'hasFieldInfo'
> {
  const start = readVuiStart(bits);
  bits.skip(1); // neutral_chroma_indication_flag
  const isFieldSequence = bits.flag(); // field_seq_flag
  const hasFieldInfo = bits.flag(); // frame_field_info_present_flag
  // default_display_window_flag and its four offsets
  if (bits.flag()) for (let i = 0; i < 4; i++) bits.ue();
  return { ...start, isFieldSequence, hasFieldInfo, timing: readTiming(bits) }; // vui_timing_info_present_flag
}
