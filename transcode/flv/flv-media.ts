import type { SourceVideo } from '../job.ts';

/** What a picture tag carries. */
export type VideoPacket = {
  readonly codec: SourceVideo['codec'];
  /** `config` is the decoder configuration record (avcC, hvcC, av1C), `frame` one coded picture. */
  readonly kind: 'config' | 'frame';
  readonly isKey: boolean;
  /** Presentation minus decode time, milliseconds. May be negative. */
  readonly compositionOffsetMs: number;
  /** Borrowed from the tag. */
  readonly data: Buffer;
};

/** What a sound tag carries. */
export type AudioPacket = {
  /** `aac`, or a name of another codec, which is only good for decoding. */
  readonly codec: string;
  /** `config` is the AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1). */
  readonly kind: 'config' | 'frame';
  /** Borrowed from the tag. */
  readonly data: Buffer;
};

const FOURCC: Readonly<Record<string, SourceVideo['codec']>> = { avc1: 'h264', hvc1: 'hevc', av01: 'av1' };
const AUDIO_CODECS: Readonly<Record<number, string>> = { 2: 'mp3', 10: 'aac', 11: 'speex', 14: 'mp3' };

/**
 * Reads the body of a picture tag.
 *
 * @returns null for what is neither configuration nor picture (end of sequence, metadata, an unknown codec, too short)
 * @see Adobe FLV 10.1, E.4.3; Enhanced RTMP v1, "Enhanced video"
 */
export function readVideoPacket(data: Buffer): VideoPacket | null {
  const first = data[0] ?? 0;
  const isKey = ((first >> 4) & 0x7) === 1; // FrameType
  if ((first & 0x80) !== 0) return readEnhancedVideo(data, first & 0xf, isKey);
  if ((first & 0xf) !== 7 || data.length < 5) return null; // CodecID 7 is AVC
  const packetType = data[1]; // AVCPacketType
  if (packetType !== 0 && packetType !== 1) return null;
  return {
    codec: 'h264',
    kind: packetType === 0 ? 'config' : 'frame',
    isKey,
    compositionOffsetMs: packetType === 0 ? 0 : data.readIntBE(2, 3), // CompositionTime
    data: data.subarray(5),
  };
}

function readEnhancedVideo(data: Buffer, packetType: number, isKey: boolean): VideoPacket | null {
  const codec = FOURCC[data.toString('latin1', 1, 5)];
  if (codec === undefined || data.length < 5) return null;
  if (packetType === 0) {
    return { codec, kind: 'config', isKey, compositionOffsetMs: 0, data: data.subarray(5) }; // SequenceStart
  }
  // CodedFrames carries a composition time but for AV1; CodedFramesX never does.
  const hasOffset = packetType === 1 && codec !== 'av1';
  if ((packetType !== 1 && packetType !== 3) || (hasOffset && data.length < 8)) return null;
  return {
    codec,
    kind: 'frame',
    isKey,
    compositionOffsetMs: hasOffset ? data.readIntBE(5, 3) : 0,
    data: data.subarray(hasOffset ? 8 : 5),
  };
}

/**
 * Reads the body of a sound tag.
 *
 * @returns null where there is no sound in it
 * @see Adobe FLV 10.1, E.4.2; Enhanced RTMP v2, "Enhanced audio"
 */
export function readAudioPacket(data: Buffer): AudioPacket | null {
  const format = (data[0] ?? 0) >> 4; // SoundFormat
  if (format === 9) {
    const packetType = (data[0] ?? 0) & 0xf;
    if (data.length < 5 || packetType > 1) return null;
    const fourcc = data.toString('latin1', 1, 5);
    const codec = fourcc === 'mp4a' ? 'aac' : fourcc.replace(/[^a-zA-Z0-9]/g, '').toLowerCase();
    return { codec, kind: packetType === 0 ? 'config' : 'frame', data: data.subarray(5) };
  }
  const codec = AUDIO_CODECS[format] ?? `flv-sound-${format}`;
  if (data.length < 2) return null;
  if (codec !== 'aac') return { codec, kind: 'frame', data: data.subarray(1) };
  return { codec, kind: data[1] === 0 ? 'config' : 'frame', data: data.subarray(2) }; // AACPacketType
}

/** What an AudioSpecificConfig says. */
export type AacConfig = {
  /** 2 is AAC-LC; 5 and 29 are the HE profiles. */
  readonly objectType: number;
  readonly sampleRateHz: number;
  readonly channels: number;
};

const AAC_RATES_HZ = [
  96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
];

/**
 * Reads an AudioSpecificConfig.
 *
 * @returns null where it is too short or names what AAC does not have
 * @see ISO/IEC 14496-3 §1.6.2.1
 */
export function readAacConfig(data: Buffer): AacConfig | null {
  if (data.length < 2) return null;
  const objectType = (data[0] ?? 0) >> 3;
  const bits = data.readUInt16BE(0);
  const rateIndex = (bits >> 7) & 0xf;
  if (rateIndex === 15) {
    if (data.length < 5) return null;
    const rate = (data.readUIntBE(1, 4) >>> 7) & 0xffffff;
    return { objectType, sampleRateHz: rate, channels: ((data[4] ?? 0) >> 3) & 0xf };
  }
  const sampleRateHz = AAC_RATES_HZ[rateIndex];
  const channels = (bits >> 3) & 0xf;
  return sampleRateHz === undefined ? null : { objectType, sampleRateHz, channels };
}
