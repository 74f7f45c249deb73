/** Sizes that a NAL unit's length field may have, in bytes: lengthSizeMinusOne 2 is reserved (ISO/IEC 14496-15 §5.3.3.1). */
export type NalLengthSize = 1 | 2 | 4;

/** @returns whether a size in bytes is one that the field may have */
export function isNalLengthSize(sizeBytes: number): sizeBytes is NalLengthSize {
  return sizeBytes === 1 || sizeBytes === 2 || sizeBytes === 4;
}

/**
 * nal_unit_type of H.264 (ISO/IEC 14496-10 Table 7-1): slices of pictures that decoding cannot and can start at, and
 * parameter sets.
 */
export const AVC_NAL = { slice: 1, idrSlice: 5, sei: 6, sps: 7, pps: 8 } as const;
/**
 * nal_unit_type of H.265 (ISO/IEC 23008-2 Table 7-1): the last of the slices, the range of those that decoding can start at
 * (BLA, IDR and CRA pictures), and parameter sets.
 */
export const HEVC_NAL = { firstIrap: 16, lastIrap: 21, lastSlice: 31, vps: 32, sps: 33, pps: 34 } as const;

/** nal_unit_type from the first byte of an H.264 NAL unit (ISO/IEC 14496-10 §7.3.1). */
export function avcNalType(firstByte: number): number {
  return firstByte & 0x1f;
}

/** nal_unit_type from the first byte of an H.265 NAL unit (ISO/IEC 23008-2 §7.3.1.2). */
export function hevcNalType(firstByte: number): number {
  return (firstByte >> 1) & 0x3f;
}

/** nuh_layer_id of an H.265 NAL unit: 0 for what every decoder shows (ISO/IEC 23008-2 §7.3.1.2). */
export function hevcLayer(unit: Buffer): number {
  return (((unit[0] ?? 0) & 1) << 5) | ((unit[1] ?? 0) >> 3);
}

/**
 * Splits a sample into its NAL units (ISO/IEC 14496-15 §4.3.2).
 *
 * @param sample NAL units, each behind its length; untrusted
 * @param lengthSize size of the length fields
 * @returns the units one after another, borrowed from `sample`; stops in front of one that does not fit
 */
export function* splitNalUnits(sample: Buffer, lengthSize: NalLengthSize): Generator<Buffer> {
  for (let at = 0; at + lengthSize <= sample.length; ) {
    const start = at + lengthSize;
    const end = start + sample.readUIntBE(at, lengthSize);
    if (end > sample.length) return;
    yield sample.subarray(start, end);
    at = end;
  }
}

/** A sample's NAL units, and whether they stood there as they should: each behind its length, to the last byte. */
export type SampleUnits = { readonly units: readonly Buffer[]; readonly isPlain: boolean };

const START_CODE = Buffer.of(0, 0, 1);

/**
 * Splits a sample into its NAL units, however an encoder has put them there: behind their lengths, behind start codes
 * (ISO/IEC 14496-10 annex B), or start codes behind lengths. A length that is too large means the rest of the sample.
 *
 * @param sample untrusted
 * @param lengthSize size of the length fields
 * @returns the units, borrowed from `sample`; empty ones are left out
 */
export function readSampleUnits(sample: Buffer, lengthSize: NalLengthSize): SampleUnits {
  const units: Buffer[] = [];
  let isPlain = true;
  for (let at = 0; at < sample.length; ) {
    const start = at + lengthSize;
    const end = start <= sample.length ? start + sample.readUIntBE(at, lengthSize) : sample.length + 1;
    if (end > sample.length) {
      // A NAL unit of one byte behind a length of four looks like a start code: it is one where the lengths do not fit.
      if (startCodeBytes(sample) > 0) return { units: splitStartCodes(sample), isPlain: false };
      isPlain = false;
      if (start < sample.length) units.push(sample.subarray(start));
      break;
    }
    const unit = sample.subarray(start, end);
    if (startCodeBytes(unit) > 0) {
      isPlain = false;
      units.push(...splitStartCodes(unit));
    } else if (unit.length > 0) units.push(unit);
    else isPlain = false;
    at = end;
  }
  return { units, isPlain };
}

/** Size of the start code that bytes begin with, 3 or more; 0 without one. */
function startCodeBytes(bytes: Buffer): number {
  let zeros = 0;
  while (bytes[zeros] === 0) zeros += 1;
  return zeros >= 2 && bytes[zeros] === 1 ? zeros + 1 : 0;
}

/**
 * Splits NAL units that stand behind start codes (ISO/IEC 14496-10 annex B).
 *
 * @param bytes untrusted
 * @returns the units, borrowed; null where the bytes do not begin with a start code
 */
export function readStartCodes(bytes: Buffer): readonly Buffer[] | null {
  return startCodeBytes(bytes) > 0 ? splitStartCodes(bytes) : null;
}

function splitStartCodes(bytes: Buffer): Buffer[] {
  const units: Buffer[] = [];
  let at = bytes.indexOf(START_CODE);
  while (at >= 0) {
    const next = bytes.indexOf(START_CODE, at + START_CODE.length);
    let end = next < 0 ? bytes.length : next;
    // trailing_zero_8bits, and the zero_byte of the next start code: no NAL unit ends with a zero.
    while (end > at + START_CODE.length && bytes[end - 1] === 0) end -= 1;
    if (end > at + START_CODE.length) units.push(bytes.subarray(at + START_CODE.length, end));
    at = next;
  }
  return units;
}

/**
 * Puts NAL units together as they stand in a sample, each behind its length. The opposite of {@link splitNalUnits}.
 *
 * @param units borrowed
 * @returns a copy; null when a unit is too long for its length field
 */
export function joinNalUnits(units: readonly Buffer[], lengthSize: NalLengthSize): Buffer | null {
  if (units.some((unit) => unit.length >= 256 ** lengthSize)) return null;
  return Buffer.concat(
    units.flatMap((unit) => {
      const length = Buffer.alloc(lengthSize);
      length.writeUIntBE(unit.length, 0, lengthSize);
      return [length, unit];
    }),
  );
}

/**
 * Removes the emulation prevention bytes of a NAL unit: 00 00 03 becomes 00 00 (ISO/IEC 14496-10 §7.4.1).
 *
 * @returns a copy
 */
export function unescapeNal(nal: Buffer): Buffer {
  const out = Buffer.alloc(nal.length);
  let length = 0;
  let zeros = 0;
  for (const byte of nal) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out[length++] = byte;
  }
  return out.subarray(0, length);
}

/**
 * Puts emulation prevention bytes into a NAL unit: 00 00 becomes 00 00 03 in front of 00, 01, 02 and 03 (ISO/IEC
 * 14496-10 §7.4.1). The opposite of {@link unescapeNal}.
 *
 * @param nal its last byte is not 0, as rbsp_trailing_bits makes sure
 * @returns a copy
 */
export function escapeNal(nal: Buffer): Buffer {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of nal) {
    if (zeros === 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    out.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Buffer.from(out);
}
