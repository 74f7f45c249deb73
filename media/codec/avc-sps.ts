import { BitReader } from './bit-reader.ts';
import type { Malformed } from './malformed.ts';
import { AVC_NAL, avcNalType, unescapeNal } from './nal-units.ts';
import { frameRateOf, isPossibleSize, MAX_SPS_BYTES, type PictureFormat } from './picture-format.ts';
import { NO_VUI, readTiming, readVuiStart } from './vui.ts';

/** An H.264 sequence parameter set. */
export type AvcSps = PictureFormat & {
  readonly profile: number;
  /** constraint_set0_flag is the highest bit. */
  readonly constraints: number;
  /** Ten times the level: 31 is level 3.1. */
  readonly level: number;
  /** separate_colour_plane_flag: three pictures of one colour each are coded instead of one. */
  readonly separatePlanes: boolean;
  /** log2 of MaxFrameNum, 4 to 16: the size of a slice's frame_num, in bits. */
  readonly frameNumBits: number;
  /** pic_order_cnt_type, 0 to 2. With 2, pictures are shown in the order in which they are decoded. */
  readonly pictureOrderType: number;
  /** log2 of MaxPicOrderCntLsb, 4 to 16: the size of a slice's pic_order_cnt_lsb, in bits. 0 unless the type is 0. */
  readonly pictureOrderBits: number;
  /** max_num_ref_frames; 0 where no picture refers to another one. */
  readonly maxReferenceFrames: number;
};

/** Profiles whose SPS carries the chroma format (ISO/IEC 14496-10 §7.3.2.1.1). */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/**
 * Reads an H.264 sequence parameter set up to the timing in its VUI parameters (ISO/IEC 14496-10 §7.3.2.1.1, §E.1.1).
 *
 * A frame lasts two ticks: "num_units_in_tick … indicates … a field" (§E.2.1).
 *
 * @param nal the NAL unit as it is stored, with its header and emulation prevention bytes; untrusted, borrowed
 * @returns malformed for another type of NAL unit, one of more than 1,024 bytes, one that ends too early, and a picture
 *   size that is not between 16 and 8,192 pixels each way
 */
export function readAvcSps(nal: Buffer): AvcSps | Malformed {
  const bad = (why: string): Malformed => ({ malformed: `SPS of ${nal.length} bytes: ${why}` });
  if (nal.length < 4) return bad('want 4 or more');
  if (nal.length > MAX_SPS_BYTES) return bad(`want at most ${MAX_SPS_BYTES}`);
  const type = avcNalType(nal[0] ?? 0);
  if (type !== AVC_NAL.sps) return bad(`nal_unit_type ${type}, want ${AVC_NAL.sps}`);
  const bits = new BitReader(unescapeNal(nal.subarray(1)));
  const profile = bits.u(8); // profile_idc
  const constraints = bits.u(8); // constraint_set0_flag to constraint_set5_flag, reserved_zero_2bits
  const level = bits.u(8); // level_idc
  const id = bits.ue(); // seq_parameter_set_id
  const { chromaFormat, separatePlanes, lumaBits, chromaBits } = readChroma(bits, profile);
  const frameNumBits = bits.ue() + 4; // log2_max_frame_num_minus4
  const { pictureOrderType, pictureOrderBits } = readPictureOrder(bits);
  const maxReferenceFrames = bits.ue(); // max_num_ref_frames
  bits.flag(); // gaps_in_frame_num_value_allowed_flag
  const widthInMbs = bits.ue() + 1; // pic_width_in_mbs_minus1
  const heightInMapUnits = bits.ue() + 1; // pic_height_in_map_units_minus1
  const framesOnly = bits.flag(); // frame_mbs_only_flag
  if (!framesOnly) bits.flag(); // mb_adaptive_frame_field_flag
  bits.flag(); // direct_8x8_inference_flag
  // frame_cropping_flag, frame_crop_left_offset, …_right_offset, …_top_offset, …_bottom_offset
  const [left, right, top, bottom] = bits.flag()
    ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()]
    : [0, 0, 0, 0];
  const hasVui = bits.flag(); // vui_parameters_present_flag
  const vui = hasVui ? readVuiStart(bits) : NO_VUI;
  const timing = hasVui ? readTiming(bits) : null;
  const isFixedRate = timing !== null && bits.flag(); // fixed_frame_rate_flag
  if (bits.overran) return bad('it ends too early');
  // "shall be in the range of 0 to 12, inclusive", both sizes less 4 (§7.4.2.1.1)
  if (frameNumBits > 16) return bad(`log2_max_frame_num_minus4 ${frameNumBits - 4}, want at most 12`);
  if (pictureOrderType > 2) return bad(`pic_order_cnt_type ${pictureOrderType}, want at most 2`);
  if (pictureOrderBits > 16) {
    return bad(`log2_max_pic_order_cnt_lsb_minus4 ${pictureOrderBits - 4}, want at most 12`);
  }

  // Crop units: Table 6-1 and equations 7-19 to 7-22.
  const fieldsPerFrame = framesOnly ? 1 : 2;
  const sampling = separatePlanes ? 0 : chromaFormat;
  const cropUnitX = sampling === 1 || sampling === 2 ? 2 : 1;
  const cropUnitY = (sampling === 1 ? 2 : 1) * fieldsPerFrame;
  const codedWidthPx = widthInMbs * 16;
  const codedHeightPx = heightInMapUnits * 16 * fieldsPerFrame;
  const widthPx = codedWidthPx - (left + right) * cropUnitX;
  const heightPx = codedHeightPx - (top + bottom) * cropUnitY;
  if (!isPossibleSize(widthPx, heightPx)) return bad(`picture of ${widthPx} x ${heightPx}`);
  return {
    ...{ id, profile, constraints, level, widthPx, heightPx, codedWidthPx, codedHeightPx },
    ...vui,
    ...{ frameRate: frameRateOf(timing, 2), timing, isFixedRate, framesOnly },
    ...{ chromaFormat, lumaBits, chromaBits, separatePlanes },
    ...{ frameNumBits, pictureOrderType, pictureOrderBits, maxReferenceFrames },
  };
}

function readChroma(
  bits: BitReader,
  profile: number,
): { chromaFormat: number; separatePlanes: boolean; lumaBits: number; chromaBits: number } {
  if (!HIGH_PROFILES.has(profile))
    return { chromaFormat: 1, separatePlanes: false, lumaBits: 8, chromaBits: 8 };
  const chromaFormat = bits.ue(); // chroma_format_idc
  const separatePlanes = chromaFormat === 3 && bits.flag(); // separate_colour_plane_flag
  const lumaBits = bits.ue() + 8; // bit_depth_luma_minus8
  const chromaBits = bits.ue() + 8; // bit_depth_chroma_minus8
  bits.flag(); // qpprime_y_zero_transform_bypass_flag
  if (bits.flag()) skipScalingLists(bits, chromaFormat === 3 ? 12 : 8); // seq_scaling_matrix_present_flag
  return { chromaFormat, separatePlanes, lumaBits, chromaBits };
}

/** scaling_list (§7.3.2.1.1.1), for each list whose seq_scaling_list_present_flag is set. */
function skipScalingLists(bits: BitReader, count: number): void {
  for (let list = 0; list < count; list++) {
    if (!bits.flag()) continue;
    let last = 8;
    let next = 8;
    for (let i = 0; i < (list < 6 ? 16 : 64); i++) {
      if (next !== 0) next = (last + bits.se() + 256) % 256; // delta_scale
      last = next === 0 ? last : next;
    }
  }
}

function readPictureOrder(bits: BitReader): { pictureOrderType: number; pictureOrderBits: number } {
  const pictureOrderType = bits.ue(); // pic_order_cnt_type
  const pictureOrderBits = pictureOrderType === 0 ? bits.ue() + 4 : 0; // log2_max_pic_order_cnt_lsb_minus4
  if (pictureOrderType === 1) {
    bits.flag(); // delta_pic_order_always_zero_flag
    bits.se(); // offset_for_non_ref_pic
    bits.se(); // offset_for_top_to_bottom_field
    const cycle = Math.min(bits.ue(), 255); // num_ref_frames_in_pic_order_cnt_cycle
    for (let i = 0; i < cycle && !bits.overran; i++) bits.se(); // offset_for_ref_frame
  }
  return { pictureOrderType, pictureOrderBits };
}
