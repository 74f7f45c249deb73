import type { VideoCodec } from '../codec/video-codec.ts';
import { readEnhancedPackets, VIDEO_MULTITRACK } from './enhanced-packet.ts';

/** What a video tag carries of one track. */
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
  /** 0 unless the tag is multitrack (Enhanced RTMP v2). */
  readonly trackId: number;
  /** Flagged as a picture that decoding can start at. */
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
/** CodecID of packets with AVCPacketType and CompositionTime. 12 and 13 were in use before Enhanced RTMP. */
const CODEC_IDS: Readonly<Record<number, VideoCodec>> = { 7: 'h264', 12: 'hevc', 13: 'av1' };
/** AVCPacketType. */
const AVC_SEQUENCE_HEADER = 0;
const AVC_NALU = 1;
/** VideoPacketType of Enhanced RTMP. */
const SEQUENCE_START = 0;
const CODED_FRAMES = 1;
const CODED_FRAMES_X = 3;
/** FourCC of Enhanced RTMP, and the sample entries of the same codecs with parameter sets in band. */
const FOURCC_CODECS = new Map<string, VideoCodec>([
  ['avc1', 'h264'],
  ['avc3', 'h264'],
  ['hvc1', 'hevc'],
  ['hev1', 'hevc'],
  ['av01', 'av1'],
]);
const FOURCC_NAMES = new Map([
  ['vp08', 'vp8'],
  ['vp09', 'vp9'],
  ['vvc1', 'vvc'],
]);
/** Every packet of a codec that is read has so many bytes in front of its own. */
const MIN_BYTES = 5;

/**
 * Reads the body of a video tag: VIDEODATA (Adobe FLV 10.1 §E.4.3), or ExVideoTagHeader (Enhanced RTMP v2, "Enhanced
 * video"), which may have several tracks.
 *
 * A command frame is no picture, in either form: its body is one byte that tells a player to seek. Metadata and sequence
 * starts of MPEG-2 TS are `other`.
 *
 * @param body untrusted; borrowed by the result
 * @returns one packet for each track; none when the body is too short for what it says it is
 */
export function readVideoPackets(body: Buffer): readonly VideoPacket[] {
  const first = body[0];
  if (first === undefined || body.length < MIN_BYTES) return [];
  const frameType = (first >> 4) & 7;
  // IsExHeader, VideoPacketType
  if ((first & 0x80) !== 0) return readEnhanced(body, frameType, first & 0xf);
  const codecId = first & 0xf; // CodecID
  const codec = CODEC_IDS[codecId];
  if (codec === undefined) {
    const codecName = CODEC_NAMES[codecId] || `video codec ${codecId}`;
    return [packet(body.subarray(1), 0, frameType, { kind: 'frame', codecName })];
  }
  const packetType = body[1]; // AVCPacketType
  const isFrame = packetType === AVC_NALU;
  return [
    packet(body.subarray(5), 0, frameType, {
      kind: packetType === AVC_SEQUENCE_HEADER ? 'config' : isFrame ? 'frame' : 'other',
      ...{ codec, codecName: codec },
      compositionOffsetMs: isFrame ? body.readIntBE(2, 3) : 0, // CompositionTime
    }),
  ];
}

/**
 * Reads the body of a video tag that has one track, as a source's.
 *
 * @param body untrusted; borrowed by the result
 * @returns the first track's packet; null when the body is too short for what it says it is
 */
export function readVideoPacket(body: Buffer): VideoPacket | null {
  return readVideoPackets(body)[0] ?? null;
}

function readEnhanced(body: Buffer, frameType: number, firstType: number): readonly VideoPacket[] {
  const packets: VideoPacket[] = [];
  for (const { packetType, fourCc, trackId, data } of readEnhancedPackets(
    body,
    firstType,
    VIDEO_MULTITRACK,
  )) {
    const codec = FOURCC_CODECS.get(fourCc) ?? null;
    const codecName = codec ?? FOURCC_NAMES.get(fourCc) ?? `video codec ${JSON.stringify(fourCc)}`;
    const named = { codec, codecName, isEnhanced: true };
    if (packetType !== CODED_FRAMES && packetType !== CODED_FRAMES_X) {
      const kind = packetType === SEQUENCE_START ? 'config' : 'other';
      packets.push(packet(data, trackId, frameType, { kind, ...named }));
      continue;
    }
    // Of H.264 and H.265, CodedFrames has a composition time; CodedFramesX never has.
    const hasOffset = packetType === CODED_FRAMES && (codec === 'h264' || codec === 'hevc');
    const isCommand = frameType === COMMAND_FRAME;
    if (hasOffset && !isCommand && data.length < 3) continue;
    const compositionOffsetMs = hasOffset && !isCommand ? data.readIntBE(0, 3) : 0; // compositionTimeOffset
    const own = hasOffset ? data.subarray(3) : data;
    packets.push(packet(own, trackId, frameType, { kind: 'frame', ...named, compositionOffsetMs }));
  }
  return packets;
}

/** Without spreads: this is called for every picture. */
function packet(
  data: Buffer,
  trackId: number,
  frameType: number,
  fields: Pick<VideoPacket, 'kind' | 'codecName'> & Partial<VideoPacket>,
): VideoPacket {
  const isCommand = frameType === COMMAND_FRAME;
  return {
    kind: isCommand ? 'other' : fields.kind,
    codec: fields.codec ?? null,
    codecName: fields.codecName,
    isEnhanced: fields.isEnhanced ?? false,
    trackId,
    isSync: fields.kind === 'frame' && frameType === KEY_FRAME,
    compositionOffsetMs: isCommand ? 0 : (fields.compositionOffsetMs ?? 0),
    data,
  };
}
