/** One ISO BMFF box: size, type, and what is in it (ISO/IEC 14496-12 §4.2). */
export function box(type: string, ...content: readonly Buffer[]): Buffer {
  const sizeBytes = content.reduce((sum, part) => sum + part.length, 8);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(sizeBytes, 0); // size
  head.write(type, 4, 'latin1'); // type
  return Buffer.concat([head, ...content], sizeBytes);
}

/** A box with version and flags (ISO/IEC 14496-12 §4.2). */
export function fullBox(type: string, version: number, flags: number, ...content: readonly Buffer[]): Buffer {
  return box(type, u32(version * 0x1000000 + flags), ...content);
}

/** Unsigned 32-bit numbers, one after the other. */
export function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeUInt32BE(value >>> 0, i * 4));
  return bytes;
}

/** Unsigned 16-bit numbers, one after the other. */
export function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, i) => bytes.writeUInt16BE(value, i * 2));
  return bytes;
}
