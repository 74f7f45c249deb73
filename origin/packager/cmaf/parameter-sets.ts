import type { ParameterSets, Sample, TrackInit } from '../media.ts';
import { type Box, type BoxSource, FieldReader } from './box-reader.ts';

/** NAL unit types that carry parameter sets, H.264 (Rec. ITU-T H.264 table 7-1): SPS. */
const AVC_SPS = 7;
/** The same of H.265 (Rec. ITU-T H.265 table 7-1): VPS. */
const HEVC_VPS = 32;

/**
 * Reads the parameter sets out of a decoder configuration (ISO/IEC 14496-15 §5.3.3.1, §8.3.3.1).
 *
 * @param config avcC or hvcC
 * @throws {CmafError} `bad-cmaf` when the lists run past the box, or a set is longer than a length can say
 */
export function readParameterSets(source: BoxSource, config: Box): ParameterSets {
  return config.type === 'avcC' ? readAvc(source, config) : readHevc(source, config);
}

/**
 * Puts the parameter sets in front of a picture that decoding can start at, unless it has them.
 *
 * Whoever follows `$Number$` alone (DASH) has the next run's first segment before its MPD says that a new Period began,
 * and would decode it with the old run's init segment. With the sets in band, decoders take the change as it comes.
 *
 * @returns the sample itself where nothing is to be added; otherwise one with a copy of its bytes
 */
export function withParameterSets(sample: Sample, { parameterSets }: TrackInit): Sample {
  if (!sample.isSync || parameterSets === undefined) return sample;
  const { bytes, lengthSize, kind } = parameterSets;
  if (bytes.length === 0 || hasParameterSets(sample.data, lengthSize, kind)) return sample;
  return { ...sample, data: Buffer.concat([bytes, sample.data]) };
}

/** Looks at the first few NAL units: parameter sets stand before the picture, behind a delimiter at most. */
function hasParameterSets(data: Buffer, lengthSize: number, kind: ParameterSets['kind']): boolean {
  for (let at = 0, seen = 0; at + lengthSize < data.length && seen < 4; seen += 1) {
    const header = data[at + lengthSize] ?? 0;
    const type = kind === 'avc' ? header & 0x1f : (header >> 1) & 0x3f;
    if (type === (kind === 'avc' ? AVC_SPS : HEVC_VPS)) return true;
    at += lengthSize + data.readUIntBE(at, lengthSize);
  }
  return false;
}

function readAvc(source: BoxSource, config: Box): ParameterSets {
  const fields = new FieldReader(source, config);
  fields.skip(4); // configurationVersion, AVCProfileIndication, profile_compatibility, AVCLevelIndication
  const lengthSize = (fields.u8() & 3) + 1; // lengthSizeMinusOne
  const units: Buffer[] = [];
  for (let count = fields.u8() & 0x1f; count > 0; count -= 1) units.push(readUnit(source, fields)); // SPS
  for (let count = fields.u8(); count > 0; count -= 1) units.push(readUnit(source, fields)); // PPS
  return { bytes: withLengths(fields, units, lengthSize), lengthSize, kind: 'avc' };
}

function readHevc(source: BoxSource, config: Box): ParameterSets {
  const fields = new FieldReader(source, config);
  fields.skip(21); // configurationVersion to avgFrameRate
  const lengthSize = (fields.u8() & 3) + 1; // constantFrameRate, numTemporalLayers, temporalIdNested, lengthSizeMinusOne
  const units: Buffer[] = [];
  for (let arrays = fields.u8(); arrays > 0; arrays -= 1) {
    fields.skip(1); // array_completeness, NAL_unit_type
    for (let count = fields.u16(); count > 0; count -= 1) units.push(readUnit(source, fields));
  }
  return { bytes: withLengths(fields, units, lengthSize), lengthSize, kind: 'hevc' };
}

function readUnit(source: BoxSource, fields: FieldReader): Buffer {
  const size = fields.u16(); // sequenceParameterSetLength, pictureParameterSetLength, nalUnitLength
  fields.skip(size);
  return source.bytes.subarray(fields.at - size, fields.at);
}

function withLengths(fields: FieldReader, units: readonly Buffer[], lengthSize: number): Buffer {
  if (lengthSize === 3) throw fields.bad('lengthSizeMinusOne is 2, which is reserved');
  const long = units.find((unit) => unit.length >= 256 ** lengthSize);
  if (long !== undefined)
    throw fields.bad(`a parameter set has ${long.length} bytes, and lengths have ${lengthSize} here`);
  return Buffer.concat(
    units.flatMap((unit) => {
      const length = Buffer.alloc(lengthSize);
      length.writeUIntBE(unit.length, 0, lengthSize);
      return [length, unit];
    }),
  );
}
