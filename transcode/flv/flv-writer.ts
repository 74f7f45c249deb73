import { FLV_AUDIO, FLV_VIDEO } from './flv-parser.ts';

/**
 * The bytes an FLV stream begins with: file header and PreviousTagSize0.
 *
 * @param kind the one kind of media that follows; a reader does not wait for the other then
 * @see Adobe Flash Video File Format 10.1, E.2
 */
export function flvHeader(kind: 'video' | 'audio'): Buffer {
  const bytes = Buffer.alloc(13);
  bytes.write('FLV', 0, 'latin1');
  bytes[3] = 1; // Version
  bytes[4] = kind === 'video' ? 0x01 : 0x04; // TypeFlags
  bytes.writeUInt32BE(9, 5); // DataOffset
  return bytes; // PreviousTagSize0 = 0
}

/**
 * Writes one tag with its PreviousTagSize.
 *
 * @param timestampMs milliseconds; the lower 32 bits are written
 * @param data the tag's body; copied
 * @see Adobe Flash Video File Format 10.1, E.4.1
 */
export function flvTag(kind: 'video' | 'audio', timestampMs: number, data: Buffer): Buffer {
  const bytes = Buffer.alloc(11 + data.length + 4);
  const time = Math.round(timestampMs) >>> 0;
  bytes[0] = kind === 'video' ? FLV_VIDEO : FLV_AUDIO; // TagType
  bytes.writeUIntBE(data.length, 1, 3); // DataSize
  bytes.writeUIntBE(time & 0xffffff, 4, 3); // Timestamp
  bytes[7] = time >>> 24; // TimestampExtended
  data.copy(bytes, 11); // StreamID, three bytes before, is always 0
  bytes.writeUInt32BE(11 + data.length, 11 + data.length); // PreviousTagSize
  return bytes;
}
