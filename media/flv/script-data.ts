/** AMF0 type markers (Adobe FLV 10.1 §E.4.4.2, AMF 0 §2). */
const MARKER = {
  number: 0,
  boolean: 1,
  string: 2,
  object: 3,
  null: 5,
  undefined: 6,
  ecmaArray: 8,
  objectEnd: 9,
  strictArray: 10,
  date: 11,
  longString: 12,
} as const;
/** Objects within objects that are read; onMetaData has one or two. */
const MAX_DEPTH = 8;

/** An AMF0 value. A date is its milliseconds since the Unix epoch. */
export type AmfValue =
  | number
  | boolean
  | string
  | null
  | undefined
  | readonly AmfValue[]
  | { readonly [name: string]: AmfValue };

/**
 * Reads the fields of onMetaData out of a script tag, or out of an RTMP data message that wraps it in `@setDataFrame`.
 *
 * @param body untrusted; the result is a copy
 * @returns the fields, unchecked; null for any other data, and for what cannot be read
 */
export function readOnMetaData(body: Buffer): Readonly<Record<string, AmfValue>> | null {
  return readScriptFields('onMetaData', body);
}

/**
 * Reads the fields of a script tag with this name; as {@link readOnMetaData} does.
 *
 * @returns null where the tag has another name
 */
export function readScriptFields(name: string, body: Buffer): Readonly<Record<string, AmfValue>> | null {
  const reader = new AmfReader(body);
  let found = reader.value();
  if (found === '@setDataFrame') found = reader.value();
  if (found !== name) return null;
  const fields = reader.value();
  return reader.failed || !isFields(fields) ? null : fields;
}

/**
 * Writes the body of an onMetaData script tag: a name, and an ECMA array (§E.4.4, §E.5).
 *
 * @param fields name and value, in order
 * @returns the bytes; owned by the caller
 */
export function writeOnMetaData(fields: readonly (readonly [string, number])[]): Buffer {
  return writeScriptFields('onMetaData', fields);
}

/** Writes the body of a script tag with this name; as {@link writeOnMetaData} does. */
export function writeScriptFields(name: string, fields: readonly (readonly [string, number])[]): Buffer {
  const count = Buffer.alloc(4); // ECMAArrayLength
  count.writeUInt32BE(fields.length);
  const parts = [Buffer.of(MARKER.string), amfName(name), Buffer.of(MARKER.ecmaArray), count];
  for (const [field, value] of fields) {
    const number = Buffer.alloc(9); // marker 0x00 and a double
    number.writeDoubleBE(value, 1);
    parts.push(amfName(field), number);
  }
  parts.push(Buffer.of(0, 0, MARKER.objectEnd));
  return Buffer.concat(parts);
}

function amfName(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

function isFields(value: AmfValue): value is { readonly [name: string]: AmfValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads AMF0 values one after another. After the first that does not fit it returns undefined. */
class AmfReader {
  readonly #bytes: Buffer;
  #at = 0;
  failed = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  value(depth = 0): AmfValue {
    const marker = this.#take(1)[0];
    switch (marker) {
      case MARKER.number:
        return this.#double();
      case MARKER.boolean:
        return (this.#take(1)[0] ?? 0) !== 0;
      case MARKER.string:
        return this.#text(2);
      case MARKER.longString:
        return this.#text(4);
      case MARKER.null:
        return null;
      case MARKER.undefined:
        return undefined;
      case MARKER.date: {
        const timeMs = this.#double();
        this.#take(2); // time zone, which is reserved
        return timeMs;
      }
      case MARKER.ecmaArray:
        this.#take(4); // the number of fields is a hint: objectEnd ends them
        return this.#object(depth);
      case MARKER.object:
        return this.#object(depth);
      case MARKER.strictArray:
        return this.#array(depth);
      default:
        return this.#fail();
    }
  }

  #object(depth: number): AmfValue {
    const fields = new Map<string, AmfValue>();
    while (!this.failed && depth < MAX_DEPTH) {
      const name = this.#text(2);
      if (name === '' && this.#bytes[this.#at] === MARKER.objectEnd) {
        this.#at += 1;
        return Object.fromEntries(fields);
      }
      fields.set(name, this.value(depth + 1));
    }
    return this.#fail();
  }

  #array(depth: number): AmfValue {
    const count = this.#unsigned(4);
    const values: AmfValue[] = [];
    while (values.length < count && !this.failed && depth < MAX_DEPTH) values.push(this.value(depth + 1));
    return values.length < count ? this.#fail() : values;
  }

  #double(): number {
    const bytes = this.#take(8);
    return bytes.length === 8 ? bytes.readDoubleBE() : 0;
  }

  #text(lengthBytes: 2 | 4): string {
    return this.#take(this.#unsigned(lengthBytes)).toString('utf8');
  }

  #unsigned(lengthBytes: 2 | 4): number {
    const bytes = this.#take(lengthBytes);
    return bytes.length === lengthBytes ? bytes.readUIntBE(0, lengthBytes) : 0;
  }

  #take(lengthBytes: number): Buffer {
    const end = this.#at + lengthBytes;
    if (this.failed || end > this.#bytes.length) {
      this.#fail();
      return this.#bytes.subarray(0, 0);
    }
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  #fail(): undefined {
    this.failed = true;
  }
}
