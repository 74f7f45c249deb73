import { BitReader } from './bit-reader.ts';
import { readProfileTierLevel, skipSubLayerOrdering } from './hevc-profile.ts';
import { unescapeNal } from './nal-units.ts';
import { MAX_SPS_BYTES, type PictureTiming } from './picture-format.ts';
import { readTiming } from './vui.ts';

/** Layer sets that are passed over; streams of one layer have one. */
const MAX_LAYER_SETS = 1024;

/**
 * Reads the timing of an H.265 video parameter set (ISO/IEC 23008-2 §7.3.2.1): a tick is a picture.
 *
 * @param nal the NAL unit as it is stored; untrusted, borrowed
 * @returns null where it has none, or cannot be read: decoding does not depend on it
 */
export function readVpsTiming(nal: Buffer): PictureTiming | null {
  if (nal.length > MAX_SPS_BYTES) return null;
  const bits = new BitReader(unescapeNal(nal.subarray(2)));
  bits.skip(4 + 1 + 1 + 6); // vps_video_parameter_set_id, …_base_layer_…_flag (2), vps_max_layers_minus1
  const maxSubLayersMinus1 = bits.u(3); // vps_max_sub_layers_minus1
  bits.skip(1 + 16); // vps_temporal_id_nesting_flag, vps_reserved_0xffff_16bits
  readProfileTierLevel(bits, maxSubLayersMinus1);
  skipSubLayerOrdering(bits, maxSubLayersMinus1);
  const maxLayerId = bits.u(6); // vps_max_layer_id
  const layerSets = bits.ue(); // vps_num_layer_sets_minus1
  if (layerSets > MAX_LAYER_SETS) return null;
  bits.skip(layerSets * (maxLayerId + 1)); // layer_id_included_flag
  const timing = readTiming(bits); // vps_timing_info_present_flag, vps_num_units_in_tick, vps_time_scale
  return bits.overran ? null : timing;
}
