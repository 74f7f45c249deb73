import { TranscodeError } from '../transcode-error.ts';

/** FLV tag types (Adobe FLV 10.1, E.4.1). */
export const FLV_AUDIO = 8;
/** @see FLV_AUDIO */
export const FLV_VIDEO = 9;

/** One FLV tag. */
export type FlvTag = {
  /** 8 sound, 9 picture, 18 script data. */
  readonly type: number;
  /** As it stands in the tag: milliseconds, 32 bit unsigned. */
  readonly timestampMs: number;
  /** The tag's body; borrowed from the bytes that were pushed where it came in one piece. */
  readonly data: Buffer;
};

const HEADER_BYTES = 9;
const TAG_HEADER_BYTES = 11;
/** A tag has 24 bits for its size; one picture of 8 MB is a broken stream and not a picture. */
const MAX_TAG_BYTES = 8 << 20;

/**
 * Cuts a byte stream into FLV tags, however the stream was split.
 *
 * @see Adobe Flash Video File Format 10.1, Annex E
 */
export class FlvParser {
  #pending: Buffer = Buffer.alloc(0);
  #headerSeen = false;
  #position = 0;

  /**
   * Takes the next bytes of the stream.
   *
   * @returns the tags that are whole now; the four bytes of PreviousTagSize are not waited for
   * @throws {TranscodeError} `bad-flv` at the first byte that cannot be FLV; the parser is of no use after that
   */
  push(bytes: Buffer): FlvTag[] {
    let rest = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const tags: FlvTag[] = [];
    for (;;) {
      const used = this.#headerSeen ? this.#readTag(rest, tags) : this.#readHeader(rest);
      if (used === 0) break;
      rest = rest.subarray(used);
      this.#position += used;
    }
    this.#pending = rest;
    return tags;
  }

  #readHeader(bytes: Buffer): number {
    if (bytes.length < HEADER_BYTES) return 0;
    if (bytes.toString('latin1', 0, 3) !== 'FLV') {
      throw new TranscodeError(`flv at byte 0: want "FLV", got 0x${bytes.toString('hex', 0, 3)}`, {
        code: 'bad-flv',
      });
    }
    const size = bytes.readUInt32BE(5); // DataOffset
    if (size < HEADER_BYTES || size > 1024) {
      throw new TranscodeError(`flv at byte 5: header size ${size}, want 9`, { code: 'bad-flv' });
    }
    if (bytes.length < size) return 0;
    this.#headerSeen = true;
    this.#skip = 4; // PreviousTagSize0
    return size;
  }

  /** Bytes of a PreviousTagSize that are still to come before the next tag. */
  #skip = 0;

  #readTag(bytes: Buffer, tags: FlvTag[]): number {
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, bytes.length);
      this.#skip -= skipped;
      return skipped;
    }
    if (bytes.length < TAG_HEADER_BYTES) return 0;
    const type = (bytes[0] ?? 0) & 0x1f;
    if (type !== FLV_AUDIO && type !== FLV_VIDEO && type !== 18) {
      throw new TranscodeError(`flv at byte ${this.#position}: tag type ${type}, want 8, 9 or 18`, {
        code: 'bad-flv',
      });
    }
    const size = bytes.readUIntBE(1, 3); // DataSize
    if (size > MAX_TAG_BYTES) {
      throw new TranscodeError(
        `flv at byte ${this.#position}: tag of ${size} bytes, at most ${MAX_TAG_BYTES}`,
        { code: 'bad-flv' },
      );
    }
    const end = TAG_HEADER_BYTES + size;
    if (bytes.length < end) return 0;
    // TimestampExtended, the fourth byte, is the highest one.
    const timestampMs = bytes.readUIntBE(4, 3) + (bytes[7] ?? 0) * 0x1000000;
    tags.push({ type, timestampMs, data: bytes.subarray(TAG_HEADER_BYTES, end) });
    this.#skip = 4;
    return end;
  }
}
