import { badCmaf, type MediaError } from '../media-error.ts';
import type { Box, BoxSource } from './box-reader.ts';

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
