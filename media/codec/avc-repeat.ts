import { readAvcConfig } from './avc-config.ts';
import type { AvcSliceHeader } from './avc-slice-header.ts';
import type { AvcSps } from './avc-sps.ts';
import { BitReader } from './bit-reader.ts';
import { BitWriter } from './bit-writer.ts';
import { isMalformed, type Malformed } from './malformed.ts';
import { AVC_NAL, escapeNal, joinNalUnits, type NalLengthSize, unescapeNal } from './nal-units.ts';

/** An H.264 stream into which repeat pictures can be put. */
export type RepeatableAvc = {
  /** AVCDecoderConfigurationRecord of the stream with one more picture parameter set, which the repeats refer to. A copy. */
  readonly decoderConfig: Buffer;
  /** Of all pictures of the stream. */
  readonly sps: AvcSps;
  /** Id of the added picture parameter set. */
  readonly ppsId: number;
  /** Size of the length in front of each NAL unit of a sample, in bytes. */
  readonly lengthSize: NalLengthSize;
};

/** Where a picture stands in the order of decoding and showing. */
export type PicturePosition = Pick<AvcSliceHeader, 'frameNum' | 'pictureOrderLsb'>;

/** Most picture parameter sets that a record can have: numOfPictureParameterSets has 8 bits. */
const MAX_PPS_COUNT = 255;
/** Profiles without P pictures: CAVLC 4:4:4 Intra, and those that constraint_set3_flag makes Intra (§A.2.8 to §A.2.11). */
const INTRA_PROFILE = 44;
const INTRA_BY_CONSTRAINT = new Set([110, 122, 244]);
const CONSTRAINT_SET_3 = 0x10;

/**
 * Adds the picture parameter set of repeat pictures to an H.264 stream's configuration. The stream's own pictures are
 * decoded as before.
 *
 * The set has CAVLC instead of CABAC, so that a picture of skipped macroblocks is one number. It depends on the SPS
 * alone: streams with the same SPS and the same ids in use get the same set.
 *
 * @param record AVCDecoderConfigurationRecord; untrusted, not changed
 * @returns malformed when it cannot be read, and when the stream cannot be repeated: several sequence parameter sets,
 *   interlaced, colours coded separately, pic_order_cnt_type 1, no P pictures, or all ids in use
 */
export function withRepeatPps(record: Buffer): RepeatableAvc | Malformed {
  const config = readAvcConfig(record);
  if (isMalformed(config)) return config;
  const [sps] = config.pictures;
  const why = config.sps.length === 1 ? whyNotRepeatable(sps) : `${config.sps.length} SPS, want 1`;
  if (why !== null) return { malformed: `H.264 that cannot be repeated: ${why}` };
  const ppsId = freePpsId(config.pps);
  if (ppsId === null) return { malformed: `H.264 that cannot be repeated: ${config.pps.length} PPS` };
  const pps = writeRepeatPps(ppsId, sps.id);
  const countAt = config.sps.reduce((at, set) => at + 2 + set.length, 6);
  const end = config.pps.reduce((at, set) => at + 2 + set.length, countAt + 1);
  const added = joinNalUnits([pps], 2) ?? pps; // pictureParameterSetLength and the set
  return {
    decoderConfig: Buffer.concat([
      record.subarray(0, countAt),
      Buffer.of(config.pps.length + 1), // numOfPictureParameterSets
      record.subarray(countAt + 1, end),
      added,
      record.subarray(end), // what High profiles have behind the sets
    ]),
    ...{ sps, ppsId, lengthSize: config.lengthSize },
  };
}

/**
 * Writes a repeat picture: an access unit of a few bytes whose macroblocks are all skipped. It shows the last reference
 * picture again, unchanged: all its motion vectors are inferred to be zero (ISO/IEC 14496-10 §8.4.1.1) and point into
 * the first picture of the list, which is the one that was decoded last (§8.2.4.2.1). After a picture with nal_ref_idc
 * 0 it therefore shows the one before that.
 *
 * A reference repeat is a picture that later ones refer to. It takes the place of a picture of the encoder, so that any
 * number of them, then an IDR picture, may follow each other. Another repeat takes no frame_num and stands between two
 * pictures of the encoder; two of them must not follow each other: pic_order_cnt_type "shall not be equal to 2" where there is
 * "a non-reference frame followed immediately by an access unit containing a non-reference picture" (§7.4.2.1.1).
 *
 * @param position from {@link positionAfter} the picture before it; with pic_order_cnt_type 0 a repeat that is no
 *   reference requires that the encoder counts in steps of 2, as for frames it should
 * @returns a sample: the NAL unit behind its length; owned by the caller
 */
export function repeatPicture(
  stream: Pick<RepeatableAvc, 'sps' | 'ppsId' | 'lengthSize'>,
  position: PicturePosition,
  isReference: boolean,
): Buffer {
  const { sps, ppsId, lengthSize } = stream;
  // slice_layer_without_partitioning_rbsp (§7.3.2.8) with slice_header (§7.3.3)
  const bits = new BitWriter()
    .u(8, (isReference ? 0x40 : 0) + AVC_NAL.slice) // nal_ref_idc 2 or 0, nal_unit_type
    .ue(0) // first_mb_in_slice
    .ue(5) // slice_type: all slices of the picture are P
    .ue(ppsId) // pic_parameter_set_id
    .u(sps.frameNumBits, position.frameNum) // frame_num
    .u(sps.pictureOrderBits, position.pictureOrderLsb) // pic_order_cnt_lsb, of pic_order_cnt_type 0 only
    .flag(false) // num_ref_idx_active_override_flag
    .flag(false); // ref_pic_list_modification_flag_l0
  if (isReference) bits.flag(false); // adaptive_ref_pic_marking_mode_flag (§7.3.3.3): the oldest reference goes
  bits
    .se(0) // slice_qp_delta
    .ue(1) // disable_deblocking_filter_idc: off
    .ue((sps.codedWidthPx / 16) * (sps.codedHeightPx / 16)) // slice_data (§7.3.4): mb_skip_run, all of PicSizeInMbs
    .trailingBits();
  const nal = escapeNal(bits.bytes());
  return joinNalUnits([nal], lengthSize) ?? nal; // a unit of some 10 bytes fits into any length field
}

/**
 * The position of the picture that follows another one in the order of decoding, where it is no IDR picture
 * (ISO/IEC 14496-10 §7.4.3, frame_num).
 *
 * @param last that picture, of the encoder or a repeat. One with memory_management_control_operation 5, which no encoder
 *   for live use writes, is not known from its header
 */
export function positionAfter(
  last: PicturePosition & Pick<AvcSliceHeader, 'isReference'>,
  sps: AvcSps,
): PicturePosition {
  return {
    frameNum: (last.frameNum + (last.isReference ? 1 : 0)) % 2 ** sps.frameNumBits,
    pictureOrderLsb: sps.pictureOrderType === 0 ? (last.pictureOrderLsb + 1) % 2 ** sps.pictureOrderBits : 0,
  };
}

function whyNotRepeatable(sps: AvcSps): string | null {
  if (!sps.framesOnly) return 'its pictures may be interlaced';
  if (sps.separatePlanes) return 'its colours are coded separately';
  if (sps.pictureOrderType === 1) return 'pic_order_cnt_type 1, want 0 or 2';
  const isIntraOnly =
    sps.profile === INTRA_PROFILE ||
    (INTRA_BY_CONSTRAINT.has(sps.profile) && (sps.constraints & CONSTRAINT_SET_3) !== 0);
  if (isIntraOnly || sps.maxReferenceFrames === 0) return 'its pictures do not refer to each other';
  return null;
}

function freePpsId(sets: readonly Buffer[]): number | null {
  if (sets.length >= MAX_PPS_COUNT) return null;
  const used = new Set(sets.map((set) => new BitReader(unescapeNal(set.subarray(1))).ue())); // pic_parameter_set_id
  let id = 1;
  while (used.has(id)) id += 1;
  return id;
}

/** pic_parameter_set_rbsp (ISO/IEC 14496-10 §7.3.2.2), as a NAL unit. */
function writeRepeatPps(id: number, spsId: number): Buffer {
  const bits = new BitWriter()
    .u(8, 0x60 + AVC_NAL.pps) // nal_ref_idc 3, nal_unit_type
    .ue(id) // pic_parameter_set_id
    .ue(spsId) // seq_parameter_set_id
    .flag(false) // entropy_coding_mode_flag: CAVLC
    .flag(false) // bottom_field_pic_order_in_frame_present_flag
    .ue(0) // num_slice_groups_minus1
    .ue(0) // num_ref_idx_l0_default_active_minus1
    .ue(0) // num_ref_idx_l1_default_active_minus1
    .flag(false) // weighted_pred_flag
    .u(2, 0) // weighted_bipred_idc
    .se(0) // pic_init_qp_minus26
    .se(0) // pic_init_qs_minus26
    .se(0) // chroma_qp_index_offset
    .flag(true) // deblocking_filter_control_present_flag
    .flag(false) // constrained_intra_pred_flag
    .flag(false) // redundant_pic_cnt_present_flag
    .trailingBits();
  return escapeNal(bits.bytes());
}
