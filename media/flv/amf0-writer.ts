/** What {@link writeAmf0} writes; an array of pairs becomes an object with these fields in this order. */
export type Amf0Content =
  | number
  | boolean
  | string
  | null
  | undefined
  | readonly (readonly [name: string, value: Amf0Content])[];

/** Longest text of the short form, bytes. */
const MAX_SHORT_BYTES = 0xffff;

/**
 * Writes AMF 0 values one behind another (AMF 0 §2). Lengths of texts are in bytes of UTF-8.
 *
 * @returns owned by the caller
 */
export function writeAmf0(...values: readonly Amf0Content[]): Buffer {
  return Buffer.concat(values.map(writeValue));
}

/**
 * Writes the name of a field: its length in two bytes, and its text.
 *
 * @param text at most 65,535 bytes of UTF-8
 */
export function writeAmf0Name(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

function writeValue(value: Amf0Content): Buffer {
  if (value === null) return Buffer.of(5); // null-marker
  if (value === undefined) return Buffer.of(6); // undefined-marker
  if (typeof value === 'boolean') return Buffer.of(1, value ? 1 : 0); // boolean-marker
  if (typeof value === 'string') return writeText(value);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9); // number-marker, 0
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  const fields = value.flatMap(([name, field]) => [writeAmf0Name(name), writeValue(field)]);
  return Buffer.concat([Buffer.of(3), ...fields, Buffer.of(0, 0, 9)]); // object-marker, object-end
}

function writeText(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= MAX_SHORT_BYTES) return Buffer.concat([Buffer.of(2), writeAmf0Name(text)]); // string-marker
  const head = Buffer.alloc(5, 12); // long-string-marker
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
