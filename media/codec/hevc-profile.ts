import type { BitReader } from './bit-reader.ts';

/** What profile_tier_level says. */
export type HevcProfile = {
  /** general_profile_space, 0 to 3. */
  readonly profileSpace: number;
  readonly isHighTier: boolean;
  readonly profile: number;
  /** general_profile_compatibility_flags, the flag of profile 0 highest. */
  readonly compatibility: number;
  /** general_interlaced_source_flag: the source was interlaced, or may have been. */
  readonly isInterlacedSource: boolean;
  /** Thirty times the level: 93 is level 3.1. */
  readonly level: number;
};

/**
 * Reads profile_tier_level(1, maxSubLayersMinus1) (ISO/IEC 23008-2 §7.3.3).
 *
 * @param maxSubLayersMinus1 0 to 7
 */
export function readProfileTierLevel(bits: BitReader, maxSubLayersMinus1: number): HevcProfile {
  const profileSpace = bits.u(2); // general_profile_space
  const isHighTier = bits.flag(); // general_tier_flag
  const profile = bits.u(5); // general_profile_idc
  const compatibility = bits.u(32); // general_profile_compatibility_flag[0..31]
  bits.flag(); // general_progressive_source_flag
  const isInterlacedSource = bits.flag(); // general_interlaced_source_flag
  bits.skip(2 + 43 + 1); // general_non_packed_constraint_flag, general_frame_only_constraint_flag, reserved
  const level = bits.u(8); // general_level_idc
  const present: (readonly [boolean, boolean])[] = [];
  // sub_layer_profile_present_flag, sub_layer_level_present_flag
  for (let i = 0; i < maxSubLayersMinus1; i++) present.push([bits.flag(), bits.flag()]);
  if (maxSubLayersMinus1 > 0) bits.skip(2 * (8 - maxSubLayersMinus1)); // reserved_zero_2bits
  for (const [hasProfile, hasLevel] of present) {
    if (hasProfile) bits.skip(88); // sub_layer_profile_space to the last reserved bit
    if (hasLevel) bits.skip(8); // sub_layer_level_idc
  }
  return { profileSpace, isHighTier, profile, compatibility, isInterlacedSource, level };
}

/** Passes over the …_max_dec_pic_buffering and its neighbours of all sub-layers (§7.3.2.1, §7.3.2.2). */
export function skipSubLayerOrdering(bits: BitReader, maxSubLayersMinus1: number): void {
  const count = bits.flag() ? maxSubLayersMinus1 + 1 : 1; // …_sub_layer_ordering_info_present_flag
  for (let i = 0; i < count; i++) {
    bits.ue(); // …_max_dec_pic_buffering_minus1
    bits.ue(); // …_max_num_reorder_pics
    bits.ue(); // …_max_latency_increase_plus1
  }
}
