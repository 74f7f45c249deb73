import { badFlv } from '../media-error.ts';
import {
  FILE_HEADER_BYTES,
  type FlvTag,
  type FlvTagKind,
  PREVIOUS_TAG_SIZE_BYTES,
  TAG_HEADER_BYTES,
  TAG_TYPES,
} from './flv-tag.ts';

/** A tag has 24 bits for its size; no picture takes more than 8 MiB of them. */
const MAX_BODY_BYTES = 8 << 20;
const MAX_FILE_HEADER_BYTES = 1024;
const KINDS = new Map<number, FlvTagKind>(
  (['audio', 'video', 'script'] as const).map((kind) => [TAG_TYPES[kind], kind]),
);

/**
 * Cuts a byte stream into FLV tags, however the stream was split. A byte is copied a bounded number of times, however
 * small the pieces are.
 *
 * @see Adobe Flash Video File Format 10.1, Annex E
 */
export class FlvReader {
  /** What was pushed and not read yet. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Bytes that have to be pending before there is anything to read. */
  #wantedBytes = FILE_HEADER_BYTES;
  #hasHeader = false;
  /** Offset in the stream of the first pending byte. */
  #offsetBytes = 0;
  /** Bytes of a PreviousTagSize that are still to come before the next tag. */
  #skipBytes = 0;

  /**
   * Takes the next bytes of the stream.
   *
   * @param bytes any number of them; must not be written to afterwards, as tags may borrow from them
   * @returns the tags that are whole now; PreviousTagSize, four bytes behind each, is not waited for
   * @throws {MediaError} `bad-flv` at the first byte that cannot be FLV; the reader is of no use after that
   */
  push(bytes: Buffer): FlvTag[] {
    if (bytes.length === 0) return [];
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes < this.#wantedBytes) return [];
    let rest = this.#pending.length === 1 ? bytes : Buffer.concat(this.#pending, this.#pendingBytes);
    const tags: FlvTag[] = [];
    for (;;) {
      const used = this.#skipBytes > 0 ? this.#skip(rest) : this.#readNext(rest, tags);
      if (used === 0) break;
      rest = rest.subarray(used);
      this.#offsetBytes += used;
    }
    this.#pending = rest.length === 0 ? [] : [rest];
    this.#pendingBytes = rest.length;
    return tags;
  }

  #skip(bytes: Buffer): number {
    const skipped = Math.min(this.#skipBytes, bytes.length);
    this.#skipBytes -= skipped;
    return skipped;
  }

  /** @returns bytes that were read; 0 when more are wanted */
  #readNext(bytes: Buffer, tags: FlvTag[]): number {
    const sizeBytes = this.#hasHeader ? this.#tagSize(bytes) : this.#fileHeaderSize(bytes);
    if (bytes.length < sizeBytes) {
      this.#wantedBytes = sizeBytes;
      return 0;
    }
    if (this.#hasHeader) tags.push(readTag(bytes, sizeBytes));
    this.#hasHeader = true;
    this.#skipBytes = PREVIOUS_TAG_SIZE_BYTES;
    this.#wantedBytes = 1;
    return sizeBytes;
  }

  /** FLV header (§E.2): its size, or what has to be there to know it. */
  #fileHeaderSize(bytes: Buffer): number {
    if (bytes.length < FILE_HEADER_BYTES) return FILE_HEADER_BYTES;
    const signature = bytes.toString('latin1', 0, 3);
    if (signature !== 'FLV') throw badFlv(0, `want "FLV", got 0x${bytes.toString('hex', 0, 3)}`);
    const sizeBytes = bytes.readUInt32BE(5); // DataOffset
    if (sizeBytes < FILE_HEADER_BYTES || sizeBytes > MAX_FILE_HEADER_BYTES) {
      throw badFlv(5, `header size ${sizeBytes}, want ${FILE_HEADER_BYTES}`);
    }
    return sizeBytes;
  }

  /** FLVTAG (§E.4.1): its size, or what has to be there to know it. */
  #tagSize(bytes: Buffer): number {
    const [first] = bytes; // Reserved (2), Filter (1), TagType (5)
    if (first === undefined) return 1;
    if ((first & 0x20) !== 0) throw badFlv(this.#offsetBytes, 'the tag is encrypted');
    if (!KINDS.has(first & 0x1f)) {
      throw badFlv(this.#offsetBytes, `tag type ${first & 0x1f}, want 8, 9 or 18`);
    }
    if (bytes.length < TAG_HEADER_BYTES) return TAG_HEADER_BYTES;
    const bodyBytes = bytes.readUIntBE(1, 3); // DataSize
    if (bodyBytes > MAX_BODY_BYTES) {
      throw badFlv(this.#offsetBytes, `tag of ${bodyBytes} bytes, want at most ${MAX_BODY_BYTES}`);
    }
    return TAG_HEADER_BYTES + bodyBytes;
  }
}

function readTag(bytes: Buffer, sizeBytes: number): FlvTag {
  return {
    kind: KINDS.get((bytes[0] ?? 0) & 0x1f) ?? 'script',
    // Timestamp; TimestampExtended, the fourth byte, is the highest one.
    timestampMs: bytes.readUIntBE(4, 3) + (bytes[7] ?? 0) * 2 ** 24,
    data: bytes.subarray(TAG_HEADER_BYTES, sizeBytes), // StreamID, three bytes before, is always 0
  };
}
