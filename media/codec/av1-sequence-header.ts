import { BitReader } from './bit-reader.ts';
import type { Malformed } from './malformed.ts';
import { type ColourDescription, frameRateOf, isPossibleSize } from './picture-format.ts';

/** An AV1 sequence header. */
export type Av1SequenceHeader = {
  /** seq_profile: 0 is Main. */
  readonly profile: number;
  /** seq_level_idx of the first operating point. */
  readonly level: number;
  readonly isHighTier: boolean;
  readonly bitDepth: 8 | 10 | 12;
  readonly isMonochrome: boolean;
  readonly subsamplingX: 0 | 1;
  readonly subsamplingY: 0 | 1;
  /** chroma_sample_position, 0 to 3. */
  readonly chromaPosition: number;
  /** null when it is not given. */
  readonly colour: ColourDescription | null;
  /** Largest picture, pixels. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Frames a second as declared; 0 when it is not. */
  readonly frameRate: number;
  /** reduced_still_picture_header: every frame is a key frame, whose header does not say so. */
  readonly isReduced: boolean;
};

const SRGB = { primaries: 1, transfer: 13, matrix: 0 };
/** seq_level_idx above which a tier is given. */
const LAST_LEVEL_WITHOUT_TIER = 7;

/**
 * Reads a sequence header OBU (AV1 §5.5).
 *
 * @param payload behind the OBU's header and size; untrusted, not retained
 */
export function readAv1SequenceHeader(payload: Buffer): Av1SequenceHeader | Malformed {
  const bits = new BitReader(payload);
  const profile = bits.u(3); // seq_profile
  bits.flag(); // still_picture
  const isReduced = bits.flag(); // reduced_still_picture_header
  const point = isReduced ? { level: bits.u(5), isHighTier: false, frameRate: 0 } : readOperatingPoints(bits);
  const widthBits = bits.u(4) + 1; // frame_width_bits_minus_1
  const heightBits = bits.u(4) + 1; // frame_height_bits_minus_1
  const widthPx = bits.u(widthBits) + 1; // max_frame_width_minus_1
  const heightPx = bits.u(heightBits) + 1; // max_frame_height_minus_1
  // frame_id_numbers_present_flag: delta_frame_id_length_minus_2, additional_frame_id_length_minus_1
  if (!isReduced && bits.flag()) bits.skip(4 + 3);
  bits.skip(3); // use_128x128_superblock, enable_filter_intra, enable_intra_edge_filter
  if (!isReduced) skipTools(bits);
  bits.skip(3); // enable_superres, enable_cdef, enable_restoration
  const colour = readColour(bits, profile);
  if (bits.overran) return { malformed: `AV1 sequence header of ${payload.length} bytes: it ends too early` };
  if (!isPossibleSize(widthPx, heightPx)) {
    return { malformed: `AV1 sequence header: picture of ${widthPx} x ${heightPx}` };
  }
  return { profile, ...point, ...colour, widthPx, heightPx, isReduced };
}

function readOperatingPoints(bits: BitReader): Pick<Av1SequenceHeader, 'level' | 'isHighTier' | 'frameRate'> {
  let frameRate = 0;
  let delayBits: number | null = null;
  // timing_info_present_flag
  if (bits.flag()) {
    const timing = { unitsInTick: bits.u(32), timescaleHz: bits.u(32) }; // num_units_in_display_tick, time_scale
    // equal_picture_interval, num_ticks_per_picture_minus_1
    if (bits.flag()) frameRate = frameRateOf(timing, bits.ue() + 1);
    // decoder_model_info_present_flag
    if (bits.flag()) {
      delayBits = bits.u(5) + 1; // buffer_delay_length_minus_1
      bits.skip(32 + 5 + 5); // num_units_in_decoding_tick, …_removal_time_length_…, …_presentation_time_length_…
    }
  }
  const hasInitialDelay = bits.flag(); // initial_display_delay_present_flag
  const count = bits.u(5) + 1; // operating_points_cnt_minus_1
  let level = 0;
  let isHighTier = false;
  for (let i = 0; i < count && !bits.overran; i++) {
    bits.skip(12); // operating_point_idc
    const ownLevel = bits.u(5); // seq_level_idx
    const ownTier = ownLevel > LAST_LEVEL_WITHOUT_TIER && bits.flag(); // seq_tier
    // decoder_model_present_for_this_op: decoder_buffer_delay, encoder_buffer_delay, low_delay_mode_flag
    if (delayBits !== null && bits.flag()) bits.skip(2 * delayBits + 1);
    if (hasInitialDelay && bits.flag()) bits.skip(4); // initial_display_delay_minus_1
    if (i === 0) [level, isHighTier] = [ownLevel, ownTier];
  }
  return { level, isHighTier, frameRate };
}

function skipTools(bits: BitReader): void {
  bits.skip(4); // enable_interintra_compound, enable_masked_compound, enable_warped_motion, enable_dual_filter
  const hasOrderHint = bits.flag(); // enable_order_hint
  if (hasOrderHint) bits.skip(2); // enable_jnt_comp, enable_ref_frame_mvs
  const choosesScreenTools = bits.flag(); // seq_choose_screen_content_tools
  const hasScreenTools = choosesScreenTools || bits.flag(); // seq_force_screen_content_tools
  // seq_choose_integer_mv, seq_force_integer_mv
  if (hasScreenTools && !bits.flag()) bits.skip(1);
  if (hasOrderHint) bits.skip(3); // order_hint_bits_minus_1
}

/** color_config (§5.5.2). */
function readColour(
  bits: BitReader,
  profile: number,
): Pick<
  Av1SequenceHeader,
  'bitDepth' | 'isMonochrome' | 'colour' | 'subsamplingX' | 'subsamplingY' | 'chromaPosition'
> {
  const isHighDepth = bits.flag(); // high_bitdepth
  const bitDepth = isHighDepth ? (profile === 2 && bits.flag() ? 12 : 10) : 8; // twelve_bit
  const isMonochrome = profile !== 1 && bits.flag(); // mono_chrome
  // color_description_present_flag: color_primaries, transfer_characteristics, matrix_coefficients
  const colour = bits.flag() ? { primaries: bits.u(8), transfer: bits.u(8), matrix: bits.u(8) } : null;
  const depth = { bitDepth, isMonochrome, colour } as const;
  if (isMonochrome) {
    bits.skip(1); // color_range
    return { ...depth, subsamplingX: 1, subsamplingY: 1, chromaPosition: 0 };
  }
  const isSrgb =
    colour?.primaries === SRGB.primaries &&
    colour.transfer === SRGB.transfer &&
    colour.matrix === SRGB.matrix;
  if (isSrgb) return { ...depth, subsamplingX: 0, subsamplingY: 0, chromaPosition: 0 };
  bits.skip(1); // color_range
  if (profile === 0) return { ...depth, subsamplingX: 1, subsamplingY: 1, chromaPosition: bits.u(2) };
  if (profile === 1) return { ...depth, subsamplingX: 0, subsamplingY: 0, chromaPosition: 0 };
  if (bitDepth !== 12) return { ...depth, subsamplingX: 1, subsamplingY: 0, chromaPosition: 0 };
  const subsamplingX = bits.flag() ? 1 : 0; // subsampling_x
  const subsamplingY = subsamplingX === 1 && bits.flag() ? 1 : 0; // subsampling_y
  const chromaPosition = subsamplingX === 1 && subsamplingY === 1 ? bits.u(2) : 0; // chroma_sample_position
  return { ...depth, subsamplingX, subsamplingY, chromaPosition };
}
