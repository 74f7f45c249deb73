/** What an audio or video tag body is, read from its first bytes. */
export type FlvPacket = {
  /** `h264`, `hevc`, `av1`, `aac`, or a name such as `mp3` for what is not taken. */
  readonly codec: string;
  /** Told by a FourCC (Enhanced RTMP v1), which ffmpeg reads from 6.1 on. */
  readonly enhanced: boolean;
  /** `config` is a sequence header, `frame` is media, `other` carries neither. */
  readonly role: 'config' | 'frame' | 'other';
  /** True for a picture that decoding can start at; true for all sound. */
  readonly isSync: boolean;
  /** Presentation minus decode time, milliseconds; may be negative. */
  readonly compositionOffsetMs: number;
  /** Where the codec's own bytes begin in the tag body. */
  readonly dataOffset: number;
};

const VIDEO_CODECS = [
  '',
  'jpeg',
  'h263',
  'screen',
  'vp6',
  'vp6a',
  'screen2',
  'h264',
  'h263',
  'mpeg4',
] as const;
const FOURCC_CODECS: Readonly<Record<string, string>> = {
  hvc1: 'hevc',
  av01: 'av1',
  avc1: 'h264',
  vp09: 'vp9',
  vp08: 'vp8',
};
const SOUND_FORMATS: Readonly<Record<number, string>> = {
  ...{ 0: 'pcm', 1: 'adpcm', 2: 'mp3', 3: 'pcm', 4: 'nellymoser', 5: 'nellymoser', 6: 'nellymoser' },
  ...{ 7: 'pcm-alaw', 8: 'pcm-mulaw', 9: 'enhanced audio', 10: 'aac', 11: 'speex', 14: 'mp3' },
};

/**
 * Reads the head of a VIDEODATA body (Adobe FLV 10.1 §E.4.3) or of an ExVideoTagHeader (Enhanced RTMP v1).
 *
 * @param body untrusted; borrowed
 * @returns null when it is too short
 */
export function readVideoPacket(body: Buffer): FlvPacket | null {
  const first = body[0];
  if (first === undefined || body.length < 5) return null;
  if ((first & 0x80) !== 0) return readEnhancedVideo(body, first);
  const codec = VIDEO_CODECS[first & 0x0f] || `video codec ${first & 0x0f}`;
  const isSync = first >> 4 === 1;
  const packetType = body[1]; // AVCPacketType: 0 sequence header, 1 NALUs, 2 end of sequence
  if (codec !== 'h264')
    return { codec, enhanced: false, role: 'frame', isSync, compositionOffsetMs: 0, dataOffset: 1 };
  const isFrame = packetType === 1 && first >> 4 !== 5; // frame type 5 is a command, not a picture
  return {
    codec,
    enhanced: false,
    role: packetType === 0 ? 'config' : isFrame ? 'frame' : 'other',
    isSync: isFrame && isSync,
    compositionOffsetMs: isFrame ? body.readIntBE(2, 3) : 0,
    dataOffset: 5,
  };
}

/**
 * Reads the head of an AUDIODATA body (Adobe FLV 10.1 §E.4.2).
 *
 * @param body untrusted; borrowed
 * @returns null when it is too short
 */
export function readAudioPacket(body: Buffer): FlvPacket | null {
  const first = body[0];
  if (first === undefined || body.length < 2) return null;
  const codec = SOUND_FORMATS[first >> 4] ?? `sound format ${first >> 4}`;
  return {
    codec,
    enhanced: codec === 'enhanced audio',
    role: codec === 'aac' && body[1] === 0 ? 'config' : 'frame', // AACPacketType
    isSync: true,
    compositionOffsetMs: 0,
    dataOffset: codec === 'aac' ? 2 : 1,
  };
}

function readEnhancedVideo(body: Buffer, first: number): FlvPacket {
  const fourCc = body.toString('latin1', 1, 5);
  const packetType = first & 0x0f; // 0 sequence start, 1 coded frames, 2 sequence end, 3 coded frames without offset
  const isFrame = packetType === 1 || packetType === 3;
  // Of hvc1 and avc1, "coded frames" carries a composition offset of 24 bits; av01 never does.
  const hasOffset = packetType === 1 && (fourCc === 'hvc1' || fourCc === 'avc1') && body.length >= 8;
  return {
    codec: FOURCC_CODECS[fourCc] ?? `video codec ${JSON.stringify(fourCc)}`,
    enhanced: true,
    role: packetType === 0 ? 'config' : isFrame ? 'frame' : 'other',
    isSync: isFrame && ((first >> 4) & 7) === 1,
    compositionOffsetMs: hasOffset ? body.readIntBE(5, 3) : 0,
    dataOffset: hasOffset ? 8 : 5,
  };
}
