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

/** FourCC of Enhanced RTMP by codec. */
export const VIDEO_FOURCC = { h264: 'avc1', hevc: 'hvc1', av1: 'av01' } as const;

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
  const head = [Buffer.of(0x80 | frameType | packetType), Buffer.from(VIDEO_FOURCC[codec], 'latin1')]; // IsExHeader, FourCC
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

/** Codecs of sound that have no SoundFormat, by their FourCC. */
const AUDIO_FOURCC = { opus: 'Opus', flac: 'fLaC', ac3: 'ac-3', eac3: 'ec-3' } as const;

/** A codec that is written by its FourCC. */
export type FourCcSound = keyof typeof AUDIO_FOURCC;

/** True for a codec that FLV names by a FourCC alone. */
export function isFourCcSound(codec: string): codec is FourCcSound {
  return Object.hasOwn(AUDIO_FOURCC, codec);
}

/**
 * Writes the body of an audio tag with a codec that is named by a FourCC (Enhanced RTMP v2, "Enhanced audio").
 *
 * @param kind `config` for what the codec begins with: an Opus ID header, or FLAC's stream information
 * @returns a copy; owned by the caller
 */
export function writeFourCcSound(kind: 'config' | 'frame', codec: FourCcSound, data: Buffer): Buffer {
  const head = 0x90 | (kind === 'config' ? 0 : 1); // SoundFormat ExHeader, AudioPacketType
  return Buffer.concat([Buffer.of(head), Buffer.from(AUDIO_FOURCC[codec], 'latin1'), data]);
}

/**
 * Writes the body of an audio tag of any other codec: a byte that describes it, and the sound (Adobe FLV 10.1 §E.4.2.1).
 *
 * @param header SoundFormat, SoundRate, SoundSize and SoundType
 * @returns a copy; owned by the caller
 */
export function writePlainSound(header: number, data: Buffer): Buffer {
  return Buffer.concat([Buffer.of(header), data]);
}
