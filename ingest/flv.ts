/** FLV tag types (Adobe FLV 10.1 §E.4.1). */
export const FLV_TAG = { audio: 8, video: 9, script: 18 } as const;

/**
 * Writes the FLV file header with the zero "previous tag size" that follows it (§E.2, §E.3).
 *
 * Demuxers wait for the kinds that are announced here, so announce what is there and no more.
 */
export function flvHeader(hasVideo: boolean, hasAudio: boolean): Buffer {
  const flags = (hasAudio ? 4 : 0) | (hasVideo ? 1 : 0);
  return Buffer.from([
    ...[0x46, 0x4c, 0x56, 1, flags], // Signature 'FLV', Version, TypeFlags
    ...[0, 0, 0, 9], // DataOffset
    ...[0, 0, 0, 0], // PreviousTagSize0
  ]);
}

/**
 * Writes one FLV tag with its "previous tag size" (§E.4.1).
 *
 * @param type one of {@link FLV_TAG}
 * @param timestampMs milliseconds; kept modulo 2^32
 * @param body less than 2^24 bytes; copied
 */
export function flvTag(type: number, timestampMs: number, body: Buffer): Buffer {
  const tag = Buffer.allocUnsafe(11 + body.length + 4);
  const time = timestampMs >>> 0;
  tag[0] = type; // TagType
  tag.writeUIntBE(body.length, 1, 3); // DataSize
  tag.writeUIntBE(time & 0xffffff, 4, 3); // Timestamp
  tag[7] = time >>> 24; // TimestampExtended
  tag.writeUIntBE(0, 8, 3); // StreamID
  body.copy(tag, 11);
  tag.writeUInt32BE(11 + body.length, 11 + body.length); // PreviousTagSize
  return tag;
}

/**
 * Writes the body of an onMetaData script tag (§E.5), numbers only.
 *
 * @param fields name and value, in order
 */
export function onMetaDataBody(fields: readonly (readonly [string, number])[]): Buffer {
  const parts = [Buffer.from([0x02]), amfName('onMetaData'), Buffer.from([0x08, 0, 0, 0, fields.length])];
  for (const [name, value] of fields) {
    const number = Buffer.alloc(9); // marker 0x00 and a double
    number.writeDoubleBE(value, 1);
    parts.push(amfName(name), number);
  }
  parts.push(Buffer.from([0, 0, 9])); // object end
  return Buffer.concat(parts);
}

function amfName(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}
