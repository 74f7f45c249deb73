import { badCmaf } from './cmaf-error.ts';

/** Where a box lies in the bytes it was read from. All offsets are indexes into these bytes. */
export type Box = {
  /** Four characters, Latin-1. */
  readonly type: string;
  /** First byte of the header. */
  readonly start: number;
  /** First byte after the header. */
  readonly payload: number;
  /** First byte after the box. */
  readonly end: number;
};

/** Bytes with the offset that messages count from. */
export type BoxSource = {
  readonly bytes: Buffer;
  /** Added to every offset in a message; 0 where the bytes are the whole stream. */
  readonly originBytes: number;
};

/**
 * Reads the header of one box that lies wholly between two offsets (ISO/IEC 14496-12 §4.2).
 *
 * @param at first byte of the header
 * @param end where the enclosing box, or the bytes, end
 * @throws {CmafError} `bad-cmaf` for a torn header, size 0 ("to the end of the file": a live stream has none), a size
 *   below its own header's, or one that runs past `end`
 */
export function readBox(source: BoxSource, at: number, end: number): Box {
  const { bytes, originBytes } = source;
  if (end - at < 8) throw badCmaf('box header', originBytes + at, `${end - at} bytes left, want 8`);
  const type = bytes.toString('latin1', at + 4, at + 8);
  let size = bytes.readUInt32BE(at);
  let payload = at + 8;
  if (size === 1) {
    if (end - at < 16) throw badCmaf(type, originBytes + at, `${end - at} bytes left, want a 16-byte header`);
    size = bytes.readUInt32BE(at + 8) * 2 ** 32 + bytes.readUInt32BE(at + 12);
    payload = at + 16;
  }
  if (size < payload - at || size > end - at) {
    throw badCmaf(type, originBytes + at, `size ${size}, want ${payload - at} to ${end - at}`);
  }
  return { type, start: at, payload, end: at + size };
}

/**
 * Reads the boxes that stand side by side between two offsets, such as the children of a container.
 *
 * @throws {CmafError} `bad-cmaf` when one does not fit, or when there are more than 1,000
 */
export function readBoxes(source: BoxSource, from: number, end: number): Box[] {
  const boxes: Box[] = [];
  for (let at = from; at < end; ) {
    const box = readBox(source, at, end);
    boxes.push(box);
    if (boxes.length > 1000)
      throw badCmaf(box.type, source.originBytes + at, 'more than 1000 boxes side by side');
    at = box.end;
  }
  return boxes;
}

/**
 * Finds the only child of a type.
 *
 * @param parent for the message
 * @throws {CmafError} `bad-cmaf` when there is none, or more than one
 */
export function onlyChild(source: BoxSource, children: readonly Box[], type: string, parent: Box): Box {
  const found = children.filter((child) => child.type === type);
  const [first] = found;
  if (first === undefined || found.length > 1) {
    throw badCmaf(parent.type, source.originBytes + parent.start, `${found.length} ${type} boxes, want one`);
  }
  return first;
}

/** Reads a box's fields one after another and never past its end. */
export class FieldReader {
  readonly #source: BoxSource;
  readonly #box: Box;
  #at: number;

  /** Starts at the box's first byte after its header. */
  constructor(source: BoxSource, box: Box) {
    this.#source = source;
    this.#box = box;
    this.#at = box.payload;
  }

  /** Index of the next byte, in the source's bytes. */
  get at(): number {
    return this.#at;
  }

  /** Bytes left in the box. */
  get left(): number {
    return this.#box.end - this.#at;
  }

  /** @throws {CmafError} `bad-cmaf` when so many bytes are not there */
  skip(lengthBytes: number): void {
    this.#take(lengthBytes);
  }

  /** An unsigned number of 8 bits. @throws {CmafError} `bad-cmaf` past the box's end */
  u8(): number {
    return this.#source.bytes.readUInt8(this.#take(1));
  }

  /** An unsigned number of 16 bits. @throws {CmafError} `bad-cmaf` past the box's end */
  u16(): number {
    return this.#source.bytes.readUInt16BE(this.#take(2));
  }

  /** An unsigned number of 24 bits. @throws {CmafError} `bad-cmaf` past the box's end */
  u24(): number {
    return this.#source.bytes.readUIntBE(this.#take(3), 3);
  }

  /** An unsigned number of 32 bits. @throws {CmafError} `bad-cmaf` past the box's end */
  u32(): number {
    return this.#source.bytes.readUInt32BE(this.#take(4));
  }

  /** A signed number of 32 bits. @throws {CmafError} `bad-cmaf` past the box's end */
  i32(): number {
    return this.#source.bytes.readInt32BE(this.#take(4));
  }

  /**
   * An unsigned number of 64 bits.
   *
   * @param name the field's name, for the message
   * @throws {CmafError} `bad-cmaf` past the box's end, and above 2^53 - 1, which a number cannot hold exactly
   */
  u64(name: string): number {
    const at = this.#take(8);
    const value = this.#source.bytes.readUInt32BE(at) * 2 ** 32 + this.#source.bytes.readUInt32BE(at + 4);
    if (!Number.isSafeInteger(value)) throw this.bad(`${name} is above 2^53 - 1`);
    return value;
  }

  /** Makes an error that names this box. */
  bad(why: string): Error {
    return badCmaf(this.#box.type, this.#source.originBytes + this.#box.start, why);
  }

  #take(lengthBytes: number): number {
    const at = this.#at;
    if (lengthBytes > this.#box.end - at) {
      throw this.bad(
        `${this.#box.end - at} bytes left at its byte ${at - this.#box.start}, want ${lengthBytes}`,
      );
    }
    this.#at = at + lengthBytes;
    return at;
  }
}
