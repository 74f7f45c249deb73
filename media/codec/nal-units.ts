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
export const AVC_NAL = { slice: 1, idrSlice: 5, sps: 7, pps: 8 } as const;
/** nal_unit_type of the parameter sets of H.265 (ISO/IEC 23008-2 Table 7-1). */
export const HEVC_NAL = { vps: 32, sps: 33, pps: 34 } as const;

/** nal_unit_type from the first byte of an H.264 NAL unit (ISO/IEC 14496-10 §7.3.1). */
export function avcNalType(firstByte: number): number {
  return firstByte & 0x1f;
}

/** nal_unit_type from the first byte of an H.265 NAL unit (ISO/IEC 23008-2 §7.3.1.2). */
export function hevcNalType(firstByte: number): number {
  return (firstByte >> 1) & 0x3f;
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
