import { writeAvcRecord } from '../../../media/codec/avc-config.ts';
import { BitWriter } from '../../../media/codec/bit-writer.ts';
import { writeVideoPacket } from '../../../media/flv/packet-writer.ts';

/** One coded half of a frame, or a whole one. */
export type FieldSlice = {
  readonly field: 'top' | 'bottom' | null;
  readonly frameNum: number;
  readonly isIdr?: boolean;
};

function unit(header: number, bits: BitWriter): Buffer {
  return Buffer.concat([Buffer.of(header), bits.bytes()]);
}

/** avcC of interlaced H.264: 320 × 192 pixels, Main, fields or frames (frame_mbs_only_flag 0), no VUI parameters. */
export const FIELD_RECORD = writeAvcRecord(
  [
    unit(
      0x67,
      new BitWriter()
        .u(8, 77) // profile_idc
        .u(8, 0) // constraint flags
        .u(8, 30) // level_idc
        .ue(0) // seq_parameter_set_id
        .ue(0) // log2_max_frame_num_minus4
        .ue(2) // pic_order_cnt_type
        .ue(2) // max_num_ref_frames
        .flag(false) // gaps_in_frame_num_value_allowed_flag
        .ue(19) // pic_width_in_mbs_minus1
        .ue(5) // pic_height_in_map_units_minus1
        .flag(false) // frame_mbs_only_flag
        .flag(false) // mb_adaptive_frame_field_flag
        .flag(true) // direct_8x8_inference_flag
        .flag(false) // frame_cropping_flag
        .flag(false) // vui_parameters_present_flag
        .trailingBits(),
    ),
  ],
  [unit(0x68, new BitWriter().ue(0).ue(0).u(2, 0).ue(0).trailingBits())],
);

/** A sample of one or several slices, each behind its length. */
export function fieldSample(...slices: readonly FieldSlice[]): Buffer {
  const units = slices.map(({ field, frameNum, isIdr = false }) => {
    const bits = new BitWriter().ue(0).ue(isIdr ? 7 : 5); // first_mb_in_slice, slice_type
    bits.ue(0).u(4, frameNum); // pic_parameter_set_id, frame_num
    bits.flag(field !== null); // field_pic_flag
    if (field !== null) bits.flag(field === 'bottom'); // bottom_field_flag
    if (isIdr) bits.ue(0); // idr_pic_id
    return unit(isIdr ? 0x65 : 0x41, bits.u(32, 0x5555_5555));
  });
  return Buffer.concat(units.flatMap((one) => [Buffer.of(0, 0, 0, one.length), one]));
}

/** The tag of a sample, as an encoder sends it. */
export function fieldTag(isSync: boolean, ...slices: readonly FieldSlice[]): Buffer {
  const data = fieldSample(...slices);
  return writeVideoPacket({ kind: 'frame', codec: 'h264', isSync, compositionOffsetMs: 0, data });
}
