/** A decoded AMF value. A date is its milliseconds since the Unix epoch, XML its text, an enumeration of bytes its bytes. */
export type AmfValue =
  | number
  | boolean
  | string
  | null
  | undefined
  | Buffer
  | readonly AmfValue[]
  | { readonly [name: string]: AmfValue };

/** Objects within objects that are read; onMetaData and connect have one or two. */
export const MAX_AMF_DEPTH = 8;

/** Whether a value has named fields: an object or an ECMA array. */
export function isAmfFields(value: AmfValue): value is { readonly [name: string]: AmfValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
}
