/**
 * A box of ISO/IEC 14496-12 §4.2: size, type, content.
 *
 * @param type four characters
 */
export function box(type: string, content: readonly Buffer[]): Buffer {
  const sizeBytes = content.reduce((sum, bytes) => sum + bytes.length, 8);
  return Buffer.concat([u32(sizeBytes), ascii(type), ...content], sizeBytes);
}

/** A full box: a box that begins with a version and 24 flags (§4.2). */
export function fullBox(type: string, version: number, flags: number, content: readonly Buffer[]): Buffer {
  return box(type, [u32(version * 0x1000000 + flags), ...content]);
}

/** Characters of Latin-1, one byte each. */
export function ascii(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** An unsigned number of 16 bits. */
export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

/** An unsigned number of 32 bits. */
export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** An unsigned number of 64 bits; a safe integer. */
export function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(Math.floor(value / 2 ** 32));
  bytes.writeUInt32BE(value % 2 ** 32, 4);
  return bytes;
}
