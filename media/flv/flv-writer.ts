import {
  FILE_HEADER_BYTES,
  type FlvTagKind,
  PREVIOUS_TAG_SIZE_BYTES,
  TAG_HEADER_BYTES,
  TAG_TYPES,
} from './flv-tag.ts';

/** The kinds of media that a stream has. */
export type FlvContent = { readonly hasVideo: boolean; readonly hasAudio: boolean };

/**
 * Writes what an FLV stream begins with: the file header and the first PreviousTagSize, which is 0 (Adobe FLV 10.1 §E.2,
 * §E.3).
 *
 * @param content demuxers wait for the kinds that are announced here, so announce no more than there is
 */
export function writeFlvHeader({ hasVideo, hasAudio }: FlvContent): Buffer {
  const bytes = Buffer.alloc(FILE_HEADER_BYTES + PREVIOUS_TAG_SIZE_BYTES);
  bytes.write('FLV', 0, 'latin1'); // Signature
  bytes[3] = 1; // Version
  bytes[4] = (hasAudio ? 4 : 0) | (hasVideo ? 1 : 0); // TypeFlags
  bytes.writeUInt32BE(FILE_HEADER_BYTES, 5); // DataOffset
  return bytes;
}

/**
 * Writes one FLV tag with the PreviousTagSize behind it (§E.4.1).
 *
 * @param timestampMs milliseconds, rounded and taken modulo 2^32
 * @param body less than 2^24 bytes; copied
 */
export function writeFlvTag(kind: FlvTagKind, timestampMs: number, body: Buffer): Buffer {
  const tagBytes = TAG_HEADER_BYTES + body.length;
  const tag = Buffer.allocUnsafe(tagBytes + PREVIOUS_TAG_SIZE_BYTES);
  const time = Math.round(timestampMs) >>> 0;
  tag[0] = TAG_TYPES[kind]; // TagType
  tag.writeUIntBE(body.length, 1, 3); // DataSize
  tag.writeUIntBE(time & 0xffffff, 4, 3); // Timestamp
  tag[7] = time >>> 24; // TimestampExtended
  tag.writeUIntBE(0, 8, 3); // StreamID
  body.copy(tag, TAG_HEADER_BYTES);
  tag.writeUInt32BE(tagBytes, tagBytes); // PreviousTagSize
  return tag;
}
