/** What the body of an audio tag carries. */
export type AudioPacket = {
  /** `config` is an AudioSpecificConfig, `frame` coded sound; `other` is neither, such as the end of a sequence. */
  readonly kind: 'config' | 'frame' | 'other';
  /** `aac`, or the name of a codec that is not passed through: `mp3`, `opus`. */
  readonly codec: string;
  /** The codec is named by a FourCC (Enhanced RTMP v2), which ffmpeg reads from 7.1 on. */
  readonly isEnhanced: boolean;
  /** Decoding can start at any sound, and it is presented as it is decoded: the same fields as a picture's. */
  readonly isSync: true;
  readonly compositionOffsetMs: 0;
  /** The codec's own bytes; borrowed from the tag's body. */
  readonly data: Buffer;
};

/** SoundFormat (Adobe FLV 10.1 §E.4.2.1). */
const SOUND_FORMATS: Readonly<Record<number, string>> = {
  0: 'pcm',
  1: 'adpcm',
  2: 'mp3',
  3: 'pcm',
  4: 'nellymoser',
  5: 'nellymoser',
  6: 'nellymoser',
  7: 'pcm-alaw',
  8: 'pcm-mulaw',
  10: 'aac',
  11: 'speex',
  14: 'mp3',
};
/** SoundFormat ExHeader of Enhanced RTMP v2. */
const EX_HEADER = 9;
/** AACPacketType, and AudioPacketType of Enhanced RTMP. */
const SEQUENCE_START = 0;
const CODED_FRAMES = 1;

/**
 * Reads the body of an audio tag: AUDIODATA (Adobe FLV 10.1 §E.4.2), or ExAudioTagHeader (Enhanced RTMP v2, "Enhanced
 * audio").
 *
 * @param body untrusted; borrowed by the result
 * @returns null when it is too short for what it says it is
 */
export function readAudioPacket(body: Buffer): AudioPacket | null {
  const first = body[0];
  if (first === undefined || body.length < 2) return null;
  const format = first >> 4; // SoundFormat
  if (format === EX_HEADER) {
    if (body.length < 5) return null;
    const fourCc = body.toString('latin1', 1, 5);
    const codec = fourCc === 'mp4a' ? 'aac' : fourCc.replace(/[^a-zA-Z0-9]/g, '').toLowerCase();
    return packet(kindOf(first & 0xf), codec, true, body.subarray(5)); // AudioPacketType
  }
  const codec = SOUND_FORMATS[format] ?? `sound format ${format}`;
  if (codec !== 'aac') return packet('frame', codec, false, body.subarray(1));
  return packet(kindOf(body[1] ?? 0), codec, false, body.subarray(2)); // AACPacketType
}

function packet(kind: AudioPacket['kind'], codec: string, isEnhanced: boolean, data: Buffer): AudioPacket {
  return { kind, codec, isEnhanced, isSync: true, compositionOffsetMs: 0, data };
}

function kindOf(packetType: number): AudioPacket['kind'] {
  if (packetType === SEQUENCE_START) return 'config';
  return packetType === CODED_FRAMES ? 'frame' : 'other';
}
