import { badCmaf, type MediaError } from '../media-error.ts';

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

/** Size, type and header length of a box, whether or not its content is there. */
export type BoxHeader = {
  readonly type: string;
  /** Header and content together. */
  readonly sizeBytes: number;
  /** 8, or 16 with a 64-bit size. */
  readonly headerBytes: number;
};

/**
 * Reads the header of a box (ISO/IEC 14496-12 §4.2).
 *
 * @param at first byte of the header
 * @param end where the enclosing box, or the bytes, end
 * @returns null when the header runs past `end`
 * @throws {MediaError} `bad-cmaf` for a size below the header's own. Size 0 ("to the end of the file") is one of these: a
 *   live stream has no end
 */
export function readBoxHeader(
  { bytes, originBytes }: BoxSource,
  at: number,
  end: number = bytes.length,
): BoxHeader | null {
  if (end - at < 8) return null;
  const type = bytes.toString('latin1', at + 4, at + 8); // type
  let sizeBytes = bytes.readUInt32BE(at); // size
  let headerBytes = 8;
  if (sizeBytes === 1) {
    if (end - at < 16) return null;
    sizeBytes = bytes.readUInt32BE(at + 8) * 2 ** 32 + bytes.readUInt32BE(at + 12); // largesize
    headerBytes = 16;
  }
  if (sizeBytes < headerBytes) {
    throw badCmaf(printable(type), originBytes + at, `size ${sizeBytes}, want ${headerBytes} or more`);
  }
  return { type, sizeBytes, headerBytes };
}

/** A box type for a message: in hexadecimal where it is not four printable characters. */
function printable(type: string): string {
  return isBoxType(type) ? type : `box 0x${Buffer.from(type, 'latin1').toString('hex')}`;
}

/** True for a type that a real box may have: four printable characters, or Apple's ©. */
export function isBoxType(type: string): boolean {
  return /^[\x20-\x7e\xa9]{4}$/.test(type);
}

/**
 * Reads the header of one box that lies wholly between two offsets (ISO/IEC 14496-12 §4.2).
 *
 * @param at first byte of the header
 * @param end where the enclosing box, or the bytes, end
 * @throws {MediaError} `bad-cmaf` for a header that ends too early, a size below its own header's, or one that runs
 *   past `end`
 */
export function readBox(source: BoxSource, at: number, end: number): Box {
  const header = readBoxHeader(source, at, end);
  const offset = source.originBytes + at;
  if (header === null) throw badCmaf('box header', offset, `${end - at} bytes left, want 8 or 16`);
  const { type, sizeBytes, headerBytes } = header;
  if (sizeBytes > end - at) {
    throw badCmaf(printable(type), offset, `size ${sizeBytes}, want ${headerBytes} to ${end - at}`);
  }
  return { type, start: at, payload: at + headerBytes, end: at + sizeBytes };
}

/**
 * Reads the boxes that stand side by side between two offsets, such as the children of a container.
 *
 * @throws {MediaError} `bad-cmaf` when one does not fit, or when there are more than 1,000
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
 * Reads the boxes that a container box consists of.
 *
 * @throws {MediaError} `bad-cmaf` when one does not fit, or when there are more than 1,000
 */
export function childrenOf(source: BoxSource, parent: Box): Box[] {
  return readBoxes(source, parent.payload, parent.end);
}

/**
 * Finds the only child of a type.
 *
 * @param parent for the message
 * @throws {MediaError} `bad-cmaf` when there is none, or more than one
 */
export function onlyChild(source: BoxSource, children: readonly Box[], type: string, parent: Box): Box {
  const found = children.filter((child) => child.type === type);
  const [first] = found;
  if (first === undefined || found.length > 1) {
    throw badCmaf(parent.type, source.originBytes + parent.start, `${found.length} ${type} boxes, want one`);
  }
  return first;
}

/** Reads a box's fields one after another and never past its end. All that it returns as bytes is borrowed. */
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

  /** @throws {MediaError} `bad-cmaf` when so many bytes are not there */
  skip(lengthBytes: number): void {
    this.#take(lengthBytes);
  }

  /** An unsigned number of 8 bits. @throws {MediaError} `bad-cmaf` past the box's end */
  u8(): number {
    return this.#source.bytes.readUInt8(this.#take(1));
  }

  /** An unsigned number of 16 bits. @throws {MediaError} `bad-cmaf` past the box's end */
  u16(): number {
    return this.#source.bytes.readUInt16BE(this.#take(2));
  }

  /** An unsigned number of 24 bits. @throws {MediaError} `bad-cmaf` past the box's end */
  u24(): number {
    return this.#source.bytes.readUIntBE(this.#take(3), 3);
  }

  /** An unsigned number of 32 bits. @throws {MediaError} `bad-cmaf` past the box's end */
  u32(): number {
    return this.#source.bytes.readUInt32BE(this.#take(4));
  }

  /** So many bytes, borrowed. @throws {MediaError} `bad-cmaf` past the box's end */
  bytes(lengthBytes: number): Buffer {
    const at = this.#take(lengthBytes);
    return this.#source.bytes.subarray(at, at + lengthBytes);
  }

  /** Four characters, Latin-1. @throws {MediaError} `bad-cmaf` past the box's end */
  fourCc(): string {
    return this.bytes(4).toString('latin1');
  }

  /** The version of a full box, whose flags follow as {@link u24}. @throws {MediaError} `bad-cmaf` above `newest` */
  version(newest: number): number {
    const version = this.u8();
    if (version > newest) throw this.bad(`version ${version}, want at most ${newest}`);
    return version;
  }

  /** A signed number of 32 bits. @throws {MediaError} `bad-cmaf` past the box's end */
  i32(): number {
    return this.#source.bytes.readInt32BE(this.#take(4));
  }

  /**
   * An unsigned number of 64 bits.
   *
   * @param name the field's name, for the message
   * @throws {MediaError} `bad-cmaf` past the box's end, and above 2^53 - 1, which a number cannot hold exactly
   */
  u64(name: string): number {
    const at = this.#take(8);
    const value = this.#source.bytes.readUInt32BE(at) * 2 ** 32 + this.#source.bytes.readUInt32BE(at + 4);
    if (!Number.isSafeInteger(value)) throw this.bad(`${name} is above 2^53 - 1`);
    return value;
  }

  /** Makes an error that names this box. */
  bad(why: string): MediaError {
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
