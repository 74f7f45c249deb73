/** One open bitstream unit of AV1. */
export type Av1Obu = {
  /** obu_type. */
  readonly type: number;
  /** What follows the header and the size; borrowed. */
  readonly payload: Buffer;
  /** With its header; borrowed. */
  readonly bytes: Buffer;
};

/** obu_type (AV1 §6.2.2). */
export const AV1_OBU = {
  sequenceHeader: 1,
  temporalDelimiter: 2,
  frameHeader: 3,
  frame: 6,
  tileList: 8,
  padding: 15,
} as const;

/** leb128 takes at most so many bytes (AV1 §4.10.5). */
const MAX_LEB128_BYTES = 8;

/**
 * Splits a temporal unit into its OBUs (AV1 §5.3, low-overhead bitstream format).
 *
 * @param unit untrusted; borrowed by the result
 * @returns the OBUs; stops in front of one that does not fit. One without a size is the last
 */
export function splitObus(unit: Buffer): Av1Obu[] {
  const obus: Av1Obu[] = [];
  for (let at = 0; at < unit.length; ) {
    const header = unit[at] ?? 0;
    if ((header & 0x80) !== 0) break; // obu_forbidden_bit
    const hasExtension = (header & 4) !== 0; // obu_extension_flag
    let start = at + (hasExtension ? 2 : 1);
    let end = unit.length;
    // obu_has_size_field
    if ((header & 2) !== 0) {
      const size = readLeb128(unit, start);
      if (size === null) break;
      start += size.lengthBytes;
      end = start + size.value;
    }
    if (end > unit.length || start > end) break;
    obus.push({
      type: (header >> 3) & 0xf, // obu_type
      payload: unit.subarray(start, end),
      bytes: unit.subarray(at, end),
    });
    at = end;
  }
  return obus;
}

function readLeb128(bytes: Buffer, at: number): { value: number; lengthBytes: number } | null {
  let value = 0;
  for (let i = 0; i < MAX_LEB128_BYTES; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 128 ** i;
    if ((byte & 0x80) === 0) return { value, lengthBytes: i + 1 };
  }
  return null;
}
