import { MAX_AMF_DEPTH, type AmfValue } from './amf-value.ts';
import type { ByteCursor } from './byte-cursor.ts';

/** AMF 3 type markers (AMF 3 §3.1). */
const MARKER = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  integer: 4,
  double: 5,
  string: 6,
  xmlDocument: 7,
  date: 8,
  array: 9,
  object: 10,
  xml: 11,
  byteArray: 12,
} as const;
/** Bits of an object's first field (§3.12). */
const HAS_TRAITS = 2;
const IS_EXTERNALIZABLE = 4;
const IS_DYNAMIC = 8;

type Traits = { readonly isDynamic: boolean; readonly names: readonly string[] };

/**
 * Reads AMF 3 values, as they stand behind the marker 0x11 of AMF 0 (AMF 0 §3.1). Strings, objects and traits are referred to by
 * number within one reader. Vectors, dictionaries and externalizable objects are not read: the cursor fails there.
 *
 * @see AMF 3 §3
 */
export class Amf3Reader {
  readonly #cursor: ByteCursor;
  readonly #strings: string[] = [];
  readonly #objects: AmfValue[] = [];
  readonly #traits: Traits[] = [];

  /** @param cursor stands at the first marker */
  constructor(cursor: ByteCursor) {
    this.#cursor = cursor;
  }

  /** The next value; undefined where the cursor fails. */
  value(depth = 0): AmfValue {
    const cursor = this.#cursor;
    switch (cursor.unsigned(1)) {
      case MARKER.undefined:
        return undefined;
      case MARKER.null:
        return null;
      case MARKER.false:
        return false;
      case MARKER.true:
        return true;
      case MARKER.integer:
        return (this.#unsigned29() << 3) >> 3; // 29 bits with a sign
      case MARKER.double:
        return cursor.double();
      case MARKER.string:
        return this.#text();
      case MARKER.xmlDocument:
      case MARKER.xml:
        return this.#referred((sizeBytes) => cursor.take(sizeBytes).toString('utf8'));
      case MARKER.byteArray:
        return this.#referred((sizeBytes) => Buffer.from(cursor.take(sizeBytes)));
      case MARKER.date:
        return this.#referred(() => cursor.double());
      case MARKER.array:
        return this.#referred((count) => this.#array(count, depth));
      case MARKER.object:
        return this.#object(depth);
      default:
        return this.#fail();
    }
  }

  /** U29: 7 bits in each of the first three bytes, 8 in the fourth (§1.3.1). */
  #unsigned29(): number {
    let value = 0;
    for (let i = 0; i < 3; i++) {
      const byte = this.#cursor.unsigned(1);
      value = (value << 7) | (byte & 0x7f);
      if (byte < 0x80) return value;
    }
    return (value << 8) | this.#cursor.unsigned(1);
  }

  /** A reference where the lowest bit is 0; else the rest is a length or count, and what is read can be referred to. */
  #referred(read: (size: number) => AmfValue): AmfValue {
    const first = this.#unsigned29();
    if ((first & 1) === 0) return this.#objects[first >> 1];
    const index = this.#objects.push(undefined) - 1;
    const value = read(first >> 1);
    this.#objects[index] = value;
    return value;
  }

  #text(): string {
    const first = this.#unsigned29();
    if ((first & 1) === 0) return this.#strings[first >> 1] ?? '';
    const text = this.#cursor.take(first >> 1).toString('utf8');
    // "The empty string is never sent by reference" (§1.3.2).
    if (text !== '') this.#strings.push(text);
    return text;
  }

  /** Named elements up to an empty name, then `count` others (§3.11). */
  #array(count: number, depth: number): AmfValue {
    const named = this.#fields(depth);
    const values: AmfValue[] = [];
    while (values.length < count && this.#mayRead(depth)) values.push(this.value(depth + 1));
    if (values.length < count) return this.#fail();
    return Object.keys(named).length > 0 ? { ...Object.fromEntries(values.entries()), ...named } : values;
  }

  #object(depth: number): AmfValue {
    const first = this.#unsigned29();
    if ((first & 1) === 0) return this.#objects[first >> 1];
    const index = this.#objects.push(undefined) - 1;
    const traits = this.#readTraits(first);
    if (traits === undefined) return this.#fail();
    const sealed = new Map<string, AmfValue>();
    for (const name of traits.names) {
      if (!this.#mayRead(depth)) return this.#fail();
      sealed.set(name, this.value(depth + 1));
    }
    const value = { ...Object.fromEntries(sealed), ...(traits.isDynamic ? this.#fields(depth) : {}) };
    this.#objects[index] = value;
    return value;
  }

  #readTraits(first: number): Traits | undefined {
    if ((first & HAS_TRAITS) === 0) return this.#traits[first >> 2];
    if ((first & IS_EXTERNALIZABLE) !== 0) return undefined;
    this.#text(); // class name
    const names: string[] = [];
    for (let count = first >> 4; count > 0 && !this.#cursor.failed; count--) names.push(this.#text());
    const traits = { isDynamic: (first & IS_DYNAMIC) !== 0, names };
    this.#traits.push(traits);
    return traits;
  }

  #fields(depth: number): { readonly [name: string]: AmfValue } {
    const fields = new Map<string, AmfValue>();
    while (this.#mayRead(depth)) {
      const name = this.#text();
      if (name === '') return Object.fromEntries(fields);
      fields.set(name, this.value(depth + 1));
    }
    this.#fail();
    return {};
  }

  #mayRead(depth: number): boolean {
    return !this.#cursor.failed && depth < MAX_AMF_DEPTH;
  }

  #fail(): undefined {
    this.#cursor.failed = true;
  }
}
