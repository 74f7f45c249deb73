import type { BitReader } from './bit-reader.ts';

/**
 * Reads a program_config_element (ISO/IEC 14496-3 §4.4.1.1, Table 4.2) and counts its channels: one for each single
 * channel and low-frequency element, two for each pair.
 *
 * @returns 0 when it ends too early or names no element
 */
export function readChannelElements(bits: BitReader): number {
  bits.skip(4 + 2 + 4); // element_instance_tag, object_type, sampling_frequency_index
  const front = bits.u(4); // num_front_channel_elements
  const side = bits.u(4); // num_side_channel_elements
  const back = bits.u(4); // num_back_channel_elements
  const lowFrequency = bits.u(2); // num_lfe_channel_elements
  const dataElements = bits.u(3); // num_assoc_data_elements
  const couplings = bits.u(4); // num_valid_cc_elements
  if (bits.flag()) bits.skip(4); // mono_mixdown_present, mono_mixdown_element_number
  if (bits.flag()) bits.skip(4); // stereo_mixdown_present, stereo_mixdown_element_number
  if (bits.flag()) bits.skip(3); // matrix_mixdown_idx_present, matrix_mixdown_idx, pseudo_surround_enable
  let channels = lowFrequency;
  for (let i = 0; i < front + side + back; i++) {
    channels += bits.flag() ? 2 : 1; // …_element_is_cpe
    bits.skip(4); // …_element_tag_select
  }
  bits.skip(4 * (lowFrequency + dataElements) + 5 * couplings); // …_tag_select, cc_element_is_ind_sw
  bits.alignToByte(); // byte_alignment, counted from the start of the AudioSpecificConfig
  bits.skip(8 * bits.u(8)); // comment_field_bytes, comment_field_data
  return bits.overran ? 0 : channels;
}
