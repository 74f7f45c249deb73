import { Amf3Reader } from './amf3-reader.ts';
import { MAX_AMF_DEPTH, type AmfValue } from './amf-value.ts';
import { ByteCursor } from './byte-cursor.ts';

/** AMF 0 type markers (Adobe FLV 10.1 §E.4.4.2, AMF 0 §2.1). */
const MARKER = {
  number: 0,
  boolean: 1,
  string: 2,
  object: 3,
  null: 5,
  undefined: 6,
  reference: 7,
  ecmaArray: 8,
  objectEnd: 9,
  strictArray: 10,
  date: 11,
  longString: 12,
  unsupported: 13,
  xmlDocument: 15,
  typedObject: 16,
  amf3: 17,
} as const;

/**
 * Reads AMF 0 values one after another, as commands, metadata and script tags carry them.
 *
 * It reads what encoders write rather than what the specification says: the count of an ECMA array is a hint, and an object may
 * lack its end where the bytes end.
 *
 * @see AMF 0 §2
 */
export class Amf0Reader {
  readonly #cursor: ByteCursor;
  /** What a reference can name: objects and arrays, in the order in which they begin (§2.9). */
  readonly #complex: AmfValue[] = [];
  #amf3: Amf3Reader | null = null;

  /** @param bytes untrusted; values are copies */
  constructor(bytes: Buffer) {
    this.#cursor = new ByteCursor(bytes);
  }

  /** Whether a value could not be read: those before it stand. */
  get failed(): boolean {
    return this.#cursor.failed;
  }

  /** Whether there is nothing more to read. */
  get isAtEnd(): boolean {
    return this.#cursor.failed || this.#cursor.left === 0;
  }

  /** The next value; undefined where it cannot be read. */
  value(depth = 0): AmfValue {
    const cursor = this.#cursor;
    const marker = cursor.unsigned(1);
    if (cursor.failed) return undefined;
    switch (marker) {
      case MARKER.number:
        return cursor.double();
      case MARKER.boolean:
        return cursor.unsigned(1) !== 0;
      case MARKER.string:
        return this.#text(2);
      case MARKER.longString:
      case MARKER.xmlDocument:
        return this.#text(4);
      case MARKER.null:
        return null;
      case MARKER.undefined:
      case MARKER.unsupported:
        return undefined;
      case MARKER.reference:
        return this.#complex[cursor.unsigned(2)];
      case MARKER.date: {
        const timeMs = cursor.double();
        cursor.take(2); // time zone, which is reserved
        return timeMs;
      }
      case MARKER.ecmaArray:
        cursor.take(4); // the number of fields
        return this.#object(depth);
      case MARKER.typedObject:
        this.#text(2); // class name
        return this.#object(depth);
      case MARKER.object:
        return this.#object(depth);
      case MARKER.strictArray:
        return this.#array(depth);
      case MARKER.amf3:
        this.#amf3 ??= new Amf3Reader(cursor);
        return this.#amf3.value(depth);
      default:
        return this.#fail();
    }
  }

  #object(depth: number): AmfValue {
    const index = this.#complex.push(undefined) - 1;
    const fields = new Map<string, AmfValue>();
    while (this.#cursor.left > 0 && !this.#cursor.failed && depth < MAX_AMF_DEPTH) {
      const name = this.#text(2);
      if (name === '' && this.#cursor.bytes[this.#cursor.at] === MARKER.objectEnd) {
        this.#cursor.at += 1;
        break;
      }
      const value = this.value(depth + 1);
      // A field that cannot be read takes itself away and what stands behind it, not what stood before.
      if (!this.#cursor.failed) fields.set(name, value);
    }
    if (depth >= MAX_AMF_DEPTH) return this.#fail();
    const object = Object.fromEntries(fields);
    this.#complex[index] = object;
    return object;
  }

  #array(depth: number): AmfValue {
    const index = this.#complex.push(undefined) - 1;
    const count = this.#cursor.unsigned(4);
    const values: AmfValue[] = [];
    while (values.length < count && this.#cursor.left > 0 && !this.#cursor.failed && depth < MAX_AMF_DEPTH) {
      values.push(this.value(depth + 1));
    }
    if (depth >= MAX_AMF_DEPTH) return this.#fail();
    this.#complex[index] = values;
    return values;
  }

  #text(lengthBytes: 2 | 4): string {
    return this.#cursor.take(this.#cursor.unsigned(lengthBytes)).toString('utf8');
  }

  #fail(): undefined {
    this.#cursor.failed = true;
  }
}
