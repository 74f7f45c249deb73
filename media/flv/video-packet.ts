import type { VideoCodec } from '../codec/video-codec.ts';

/** What the body of a video tag carries. */
export type VideoPacket = {
  /**
   * `config` is a decoder configuration record (avcC, hvcC, av1C), `frame` one coded picture. `other` is neither: the end
   * of a sequence, a command frame, or metadata.
   */
  readonly kind: 'config' | 'frame' | 'other';
  /** null when it is none of the three that are read. */
  readonly codec: VideoCodec | null;
  /** Its name, for messages: `h264`, `vp6`. */
  readonly codecName: string;
  /** The codec is named by a FourCC (Enhanced RTMP), which ffmpeg reads from 6.1 on. */
  readonly isEnhanced: boolean;
  /** A picture that decoding can start at. */
  readonly isSync: boolean;
  /** Presentation minus decode time, milliseconds; may be negative. */
  readonly compositionOffsetMs: number;
  /** The codec's own bytes; borrowed from the tag's body. */
  readonly data: Buffer;
};

/** A configuration or a picture of a codec that is read. */
export type CodedVideo = VideoPacket & { readonly kind: 'config' | 'frame'; readonly codec: VideoCodec };

/** True for a packet that a decoder of one of the known codecs takes. */
export function isCodedVideo(packet: VideoPacket | null): packet is CodedVideo {
  return packet !== null && packet.kind !== 'other' && packet.codec !== null;
}

/** FrameType (Adobe FLV 10.1 §E.4.3.1); the same in Enhanced RTMP. */
const KEY_FRAME = 1;
const COMMAND_FRAME = 5;
/** CodecID 1 to 9. */
const CODEC_NAMES = ['', 'jpeg', 'h263', 'screen', 'vp6', 'vp6a', 'screen2', 'h264', 'h263', 'mpeg4'];
const AVC = 7;
/** AVCPacketType. */
const AVC_SEQUENCE_HEADER = 0;
const AVC_NALU = 1;
/** VideoPacketType of Enhanced RTMP. */
const SEQUENCE_START = 0;
const CODED_FRAMES = 1;
const CODED_FRAMES_X = 3;
/** FourCC of Enhanced RTMP. */
const FOURCC_CODECS: Readonly<Record<string, VideoCodec>> = { avc1: 'h264', hvc1: 'hevc', av01: 'av1' };
const FOURCC_NAMES: Readonly<Record<string, string>> = { ...FOURCC_CODECS, vp08: 'vp8', vp09: 'vp9' };
/** Every packet of a codec that is read has so many bytes in front of its own. */
const MIN_BYTES = 5;

/**
 * Reads the body of a video tag: VIDEODATA (Adobe FLV 10.1 §E.4.3), or ExVideoTagHeader (Enhanced RTMP v2, "Enhanced
 * video").
 *
 * A command frame is no picture, in either form: its body is one byte that tells a player to seek. Metadata, multitrack
 * and extension packets of Enhanced RTMP are `other`.
 *
 * @param body untrusted; borrowed by the result
 * @returns null when it is too short for what it says it is
 */
export function readVideoPacket(body: Buffer): VideoPacket | null {
  const first = body[0];
  if (first === undefined || body.length < MIN_BYTES) return null;
  const frameType = (first >> 4) & 7;
  if ((first & 0x80) !== 0) return readEnhanced(body, frameType, first & 0xf); // IsExHeader, VideoPacketType
  const codecId = first & 0xf; // CodecID
  if (codecId !== AVC) {
    const codecName = CODEC_NAMES[codecId] || `video codec ${codecId}`;
    return packet(body, 1, frameType, { kind: 'frame', codecName });
  }
  const packetType = body[1]; // AVCPacketType
  const isFrame = packetType === AVC_NALU;
  return packet(body, 5, frameType, {
    kind: packetType === AVC_SEQUENCE_HEADER ? 'config' : isFrame ? 'frame' : 'other',
    codec: 'h264',
    codecName: 'h264',
    compositionOffsetMs: isFrame ? body.readIntBE(2, 3) : 0, // CompositionTime
  });
}

function readEnhanced(body: Buffer, frameType: number, packetType: number): VideoPacket | null {
  const fourCc = body.toString('latin1', 1, 5);
  const codec = Object.hasOwn(FOURCC_CODECS, fourCc) ? (FOURCC_CODECS[fourCc] ?? null) : null;
  const codecName = Object.hasOwn(FOURCC_NAMES, fourCc) ? FOURCC_NAMES[fourCc] : undefined;
  const named = { codec, codecName: codecName ?? `video codec ${JSON.stringify(fourCc)}`, isEnhanced: true };
  if (packetType === SEQUENCE_START) return packet(body, 5, frameType, { kind: 'config', ...named });
  if (packetType !== CODED_FRAMES && packetType !== CODED_FRAMES_X) {
    return packet(body, 5, frameType, { kind: 'other', ...named });
  }
  // Of H.264 and H.265, CodedFrames has a composition time; CodedFramesX never has.
  const hasOffset = packetType === CODED_FRAMES && (codec === 'h264' || codec === 'hevc');
  if (hasOffset && frameType !== COMMAND_FRAME && body.length < 8) return null;
  const compositionOffsetMs = hasOffset && body.length >= 8 ? body.readIntBE(5, 3) : 0; // compositionTimeOffset
  return packet(body, hasOffset ? 8 : 5, frameType, { kind: 'frame', ...named, compositionOffsetMs });
}

/** Without spreads: this is called for every picture. */
function packet(
  body: Buffer,
  dataOffset: number,
  frameType: number,
  fields: Pick<VideoPacket, 'kind' | 'codecName'> & Partial<VideoPacket>,
): VideoPacket {
  const isCommand = frameType === COMMAND_FRAME;
  return {
    kind: isCommand ? 'other' : fields.kind,
    codec: fields.codec ?? null,
    codecName: fields.codecName,
    isEnhanced: fields.isEnhanced ?? false,
    isSync: fields.kind === 'frame' && frameType === KEY_FRAME,
    compositionOffsetMs: isCommand ? 0 : (fields.compositionOffsetMs ?? 0),
    data: body.subarray(dataOffset),
  };
}
