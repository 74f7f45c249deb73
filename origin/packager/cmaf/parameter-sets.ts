import type { Sample } from '../../../media/bmff/sample.ts';
import type { VideoEntry } from '../../../media/bmff/sample-entry.ts';
import {
  AVC_NAL,
  avcNalType,
  HEVC_NAL,
  hevcNalType,
  joinNalUnits,
  splitNalUnits,
} from '../../../media/codec/nal-units.ts';
import { badCmaf } from '../../../media/media-error.ts';
import type { ParameterSets, TrackInit } from '../media.ts';

/** Parameter sets stand before the picture, behind a delimiter at most. */
const UNITS_TO_SEARCH = 4;

/**
 * Reads the parameter sets of a decoder configuration, in the form that they have in a sample.
 *
 * @returns a copy; null for AV1, which carries its sequence header in each random access point anyway (AV1 ISOBMFF
 *   binding §2.4)
 * @throws {MediaError} `bad-cmaf` when a set is longer than a length field of its track can say
 */
export function parameterSetsOf({ config, configAtBytes }: VideoEntry): ParameterSets | null {
  if (config.type === 'av1C') return null;
  const { lengthSize } = config.record;
  const units = config.type === 'avcC' ? [...config.record.sps, ...config.record.pps] : config.record.units;
  const bytes = joinNalUnits(units, lengthSize);
  if (bytes === null) {
    const longest = Math.max(...units.map((unit) => unit.length));
    throw badCmaf(
      config.type,
      configAtBytes,
      `a parameter set has ${longest} bytes, and lengths have ${lengthSize} here`,
    );
  }
  return { bytes, lengthSize, kind: config.type === 'avcC' ? 'avc' : 'hevc' };
}

/**
 * Puts the parameter sets in front of a picture that decoding can start at, unless it has them.
 *
 * A DASH player that follows `$Number$` has the next run's first segment before its MPD says that a new Period began, and
 * decodes it with the old run's init segment. With the sets in band, decoders follow the change.
 *
 * @returns the sample itself where nothing is to be added; otherwise one with a copy of its bytes
 */
export function withParameterSets(sample: Sample, { parameterSets }: TrackInit): Sample {
  if (!sample.isSync || parameterSets === undefined) return sample;
  if (parameterSets.bytes.length === 0 || hasParameterSets(sample.data, parameterSets)) return sample;
  return { ...sample, data: Buffer.concat([parameterSets.bytes, sample.data]) };
}

function hasParameterSets(data: Buffer, { lengthSize, kind }: ParameterSets): boolean {
  let searched = 0;
  for (const unit of splitNalUnits(data, lengthSize)) {
    if (searched === UNITS_TO_SEARCH) return false;
    searched += 1;
    const first = unit[0] ?? 0;
    const isFirstSet =
      kind === 'avc' ? avcNalType(first) === AVC_NAL.sps : hevcNalType(first) === HEVC_NAL.vps;
    if (isFirstSet) return true;
  }
  return false;
}
