import { Amf0Reader } from './amf0-reader.ts';
import { writeAmf0, writeAmf0Name } from './amf0-writer.ts';
import { isAmfFields, type AmfValue } from './amf-value.ts';

/**
 * Reads the fields of onMetaData out of a script tag, or out of an RTMP data message that wraps it in `@setDataFrame`.
 *
 * @param body untrusted; the result is a copy
 * @returns the fields, unchecked: those before the first that cannot be read; null for any other data
 */
export function readOnMetaData(body: Buffer): Readonly<Record<string, AmfValue>> | null {
  return readScriptFields('onMetaData', body);
}

/**
 * Reads the fields of a script tag with this name; as {@link readOnMetaData} does.
 *
 * @returns null where the tag has another name, or no fields
 */
export function readScriptFields(name: string, body: Buffer): Readonly<Record<string, AmfValue>> | null {
  const reader = new Amf0Reader(body);
  let found = reader.value();
  if (found === '@setDataFrame') found = reader.value();
  if (found !== name) return null;
  const fields = reader.value();
  return isAmfFields(fields) ? fields : null;
}

/**
 * Writes the body of an onMetaData script tag: a name, and an ECMA array (Adobe FLV 10.1 §E.4.4, §E.5).
 *
 * @param fields name and value, in order
 * @returns the bytes; owned by the caller
 */
export function writeOnMetaData(fields: readonly (readonly [string, number])[]): Buffer {
  return writeScriptFields('onMetaData', fields);
}

/** Writes the body of a script tag with this name; as {@link writeOnMetaData} does. */
export function writeScriptFields(name: string, fields: readonly (readonly [string, number])[]): Buffer {
  const count = Buffer.alloc(5, 8); // ecma-array-marker, ECMAArrayLength
  count.writeUInt32BE(fields.length, 1);
  const parts = [writeAmf0(name), count];
  for (const [field, value] of fields) parts.push(writeAmf0Name(field), writeAmf0(value));
  parts.push(Buffer.of(0, 0, 9)); // object-end
  return Buffer.concat(parts);
}
