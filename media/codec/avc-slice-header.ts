import type { AvcSps } from './avc-sps.ts';
import { BitReader } from './bit-reader.ts';
import type { Malformed } from './malformed.ts';
import { AVC_NAL, avcNalType, type NalLengthSize, splitNalUnits, unescapeNal } from './nal-units.ts';

/** What the first slice of an H.264 picture says of it. */
export type AvcSliceHeader = {
  /** An IDR picture: decoding can start at it, and frame_num and the picture order count begin again. */
  readonly isIdr: boolean;
  /** nal_ref_idc is not 0: later pictures may refer to this one. */
  readonly isReference: boolean;
  /** The slice is coded from two directions, so pictures are decoded in another order than they are shown. */
  readonly isBidirectional: boolean;
  /** Id of the picture parameter set that it refers to. */
  readonly ppsId: number;
  /** frame_num, below 2 to the power of the SPS's `frameNumBits`. */
  readonly frameNum: number;
  /** Which half of a frame the picture is (field_pic_flag, bottom_field_flag); null for a whole frame. */
  readonly field: 'top' | 'bottom' | null;
  /** pic_order_cnt_lsb; 0 unless the SPS has pic_order_cnt_type 0. */
  readonly pictureOrderLsb: number;
};

/** Bytes of a slice that are looked at; the fields that are read take less than 32. */
const HEAD_BYTES = 64;

/**
 * Reads the beginning of the first slice header of a picture, up to pic_order_cnt_lsb (ISO/IEC 14496-10 §7.3.3).
 *
 * @param sample NAL units, each behind its length; untrusted, borrowed
 * @param sps the one that the picture refers to
 * @param lengthSize size of the length fields
 * @returns malformed for a sample without a whole slice, and for a slice that ends within the fields
 */
export function readAvcSliceHeader(
  sample: Buffer,
  sps: AvcSps,
  lengthSize: NalLengthSize,
): AvcSliceHeader | Malformed {
  for (const nal of splitNalUnits(sample, lengthSize)) {
    const type = avcNalType(nal[0] ?? 0);
    if (type === AVC_NAL.slice || type === AVC_NAL.idrSlice) return readAvcSlice(nal, sps);
  }
  return { malformed: `H.264 picture of ${sample.length} bytes without a slice` };
}

/**
 * Reads the beginning of one slice header (ISO/IEC 14496-10 §7.3.3).
 *
 * @param nal a slice's NAL unit, or the first partition of a slice; untrusted, borrowed
 * @param sps the one that the slice refers to
 */
export function readAvcSlice(nal: Buffer, sps: AvcSps): AvcSliceHeader | Malformed {
  const isIdr = avcNalType(nal[0] ?? 0) === AVC_NAL.idrSlice;
  const bits = new BitReader(unescapeNal(nal.subarray(1, HEAD_BYTES)));
  bits.ue(); // first_mb_in_slice
  const sliceType = bits.ue(); // slice_type
  const ppsId = bits.ue(); // pic_parameter_set_id
  if (sps.separatePlanes) bits.u(2); // colour_plane_id
  const frameNum = bits.u(sps.frameNumBits); // frame_num
  const isField = !sps.framesOnly && bits.flag(); // field_pic_flag
  const field = isField ? (bits.flag() ? 'bottom' : 'top') : null; // bottom_field_flag
  if (isIdr) bits.ue(); // idr_pic_id
  const pictureOrderLsb = bits.u(sps.pictureOrderBits); // pic_order_cnt_lsb
  if (bits.overran) return { malformed: `H.264 slice of ${nal.length} bytes: it ends too early` };
  return {
    isIdr,
    isReference: ((nal[0] ?? 0) & 0x60) !== 0, // nal_ref_idc
    isBidirectional: sliceType % 5 === 1, // Table 7-6: 1 and 6 are B
    ...{ ppsId, frameNum, field, pictureOrderLsb },
  };
}
