import type { VideoCodec } from '../codec/video-codec.ts';

/** A video packet to be written. */
export type VideoPacketContent = {
  readonly kind: 'config' | 'frame';
  readonly codec: VideoCodec;
  /** A picture that decoding can start at; a configuration counts as one. */
  readonly isSync: boolean;
  /** Presentation minus decode time, milliseconds, -2^23 to 2^23 - 1. 0 for AV1, which has no field for it. */
  readonly compositionOffsetMs: number;
  readonly data: Buffer;
};

const FOURCC = { h264: 'avc1', hevc: 'hvc1', av1: 'av01' } as const;

/**
 * Writes the body of a video tag: H.264 as VIDEODATA (Adobe FLV 10.1 §E.4.3), the others as ExVideoTagHeader (Enhanced
 * RTMP v2, "Enhanced video").
 *
 * @returns a copy; owned by the caller
 */
export function writeVideoPacket(packet: VideoPacketContent): Buffer {
  const { kind, codec, isSync, compositionOffsetMs, data } = packet;
  const isConfig = kind === 'config';
  const frameType = isSync || isConfig ? 0x10 : 0x20; // FrameType: key frame, inter frame
  const offset = Buffer.alloc(3); // CompositionTime
  if (!isConfig) offset.writeIntBE(compositionOffsetMs, 0, 3);
  const packetType = isConfig ? 0 : 1; // AVCPacketType: sequence header, NALU; SequenceStart, CodedFrames
  if (codec === 'h264') return Buffer.concat([Buffer.of(frameType | 7, packetType), offset, data]); // CodecID AVC
  const head = [Buffer.of(0x80 | frameType | packetType), Buffer.from(FOURCC[codec], 'latin1')]; // IsExHeader, FourCC
  return Buffer.concat([...head, ...(isConfig || codec === 'av1' ? [] : [offset]), data]);
}

/**
 * Writes the body of an audio tag with AAC: AUDIODATA (Adobe FLV 10.1 §E.4.2).
 *
 * @param kind `config` for an AudioSpecificConfig, `frame` for one raw AAC frame
 * @returns a copy; owned by the caller
 */
export function writeAacPacket(kind: 'config' | 'frame', data: Buffer): Buffer {
  // SoundFormat AAC; SoundRate, SoundSize and SoundType are fixed for it. AACPacketType.
  return Buffer.concat([Buffer.of(0xaf, kind === 'config' ? 0 : 1), data]);
}
