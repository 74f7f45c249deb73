import { BitReader, unescapeNal } from './bit-reader.ts';

/** What an H.264 sequence header says of the picture. */
export type AvcConfig = {
  /** Pixels, after cropping. */
  readonly width: number;
  readonly height: number;
  /** Frames a second from the VUI timing; 0 when it gives none. */
  readonly frameRate: number;
};

const SPS_LIMIT_BYTES = 1024;
const MAX_SIDE_PX = 8192;
/** Profiles whose SPS carries the chroma format (ISO/IEC 14496-10 §7.3.2.1.1). */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/**
 * Reads an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1) and the first SPS in it.
 *
 * @param record untrusted; borrowed
 * @returns null when it is malformed or names an impossible size
 */
export function readAvcConfig(record: Buffer): AvcConfig | null {
  if (record.length < 8 || record[0] !== 1) return null;
  const spsCount = (record[5] ?? 0) & 0x1f;
  const lengthBytes = record.readUInt16BE(6);
  const sps = record.subarray(8, 8 + lengthBytes);
  if (spsCount < 1 || sps.length !== lengthBytes || lengthBytes < 4 || lengthBytes > SPS_LIMIT_BYTES)
    return null;
  if (((sps[0] ?? 0) & 0x1f) !== 7) return null;
  return readSps(unescapeNal(sps));
}

function readSps(sps: Buffer): AvcConfig | null {
  const bits = new BitReader(sps.subarray(4));
  const profile = sps[1] ?? 0;
  bits.ue(); // seq_parameter_set_id
  let chromaFormat = 1;
  let separatePlanes = false;
  if (HIGH_PROFILES.has(profile)) {
    chromaFormat = bits.ue();
    if (chromaFormat === 3) separatePlanes = bits.flag();
    bits.ue(); // bit_depth_luma_minus8
    bits.ue(); // bit_depth_chroma_minus8
    bits.flag(); // qpprime_y_zero_transform_bypass_flag
    if (bits.flag()) skipScalingLists(bits, chromaFormat === 3 ? 12 : 8);
  }
  bits.ue(); // log2_max_frame_num_minus4
  skipPictureOrder(bits);
  bits.ue(); // max_num_ref_frames
  bits.flag(); // gaps_in_frame_num_value_allowed_flag
  const widthMbs = bits.ue() + 1; // pic_width_in_mbs_minus1
  const heightUnits = bits.ue() + 1; // pic_height_in_map_units_minus1
  const framesOnly = bits.flag(); // frame_mbs_only_flag
  if (!framesOnly) bits.flag(); // mb_adaptive_frame_field_flag
  bits.flag(); // direct_8x8_inference_flag
  const crop = bits.flag() ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  const frameRate = bits.flag() ? readVuiFrameRate(bits) : 0;
  if (bits.overran) return null;

  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  // Crop units by Table 6-1 and equations 7-19 to 7-22.
  const subsampled = separatePlanes ? 0 : chromaFormat;
  const unitX = subsampled === 1 || subsampled === 2 ? 2 : 1;
  const unitY = (subsampled === 1 ? 2 : 1) * (framesOnly ? 1 : 2);
  const width = widthMbs * 16 - (left + right) * unitX;
  const height = heightUnits * 16 * (framesOnly ? 1 : 2) - (top + bottom) * unitY;
  if (!(width >= 16 && height >= 16 && width <= MAX_SIDE_PX && height <= MAX_SIDE_PX)) return null;
  return { width, height, frameRate };
}

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

function skipPictureOrder(bits: BitReader): void {
  const type = bits.ue(); // pic_order_cnt_type
  if (type === 0) bits.ue();
  if (type !== 1) return;
  bits.flag();
  bits.se();
  bits.se();
  const cycle = Math.min(bits.ue(), 255); // num_ref_frames_in_pic_order_cnt_cycle
  for (let i = 0; i < cycle && !bits.overran; i++) bits.se();
}

/** ISO/IEC 14496-10 §E.1.1, up to the timing. */
function readVuiFrameRate(bits: BitReader): number {
  if (bits.flag() && bits.u(8) === 255) bits.u(32); // aspect_ratio_idc 255: sar_width, sar_height
  if (bits.flag()) bits.flag(); // overscan
  if (bits.flag()) {
    bits.u(4); // video_format, video_full_range_flag
    if (bits.flag()) bits.u(24); // colour description
  }
  if (bits.flag()) {
    bits.ue(); // chroma_sample_loc_type_top_field
    bits.ue();
  }
  if (!bits.flag()) return 0; // timing_info_present_flag
  const unitsInTick = bits.u(32);
  const timeScale = bits.u(32);
  // Two ticks a frame: a tick is a field (§E.2.1).
  const frameRate = unitsInTick === 0 ? 0 : timeScale / unitsInTick / 2;
  return frameRate >= 1 && frameRate <= 240 ? frameRate : 0;
}
