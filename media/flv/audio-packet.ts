import { AUDIO_MULTITRACK, readEnhancedPackets } from './enhanced-packet.ts';

/** What an audio tag carries of one track. */
export type AudioPacket = {
  /** `config` is a decoder configuration, `frame` coded sound; `other` is neither, such as the end of a sequence. */
  readonly kind: 'config' | 'frame' | 'other';
  /** `aac`, `opus`, `flac`, `ac3`, `eac3`, `mp3`, `pcm-alaw` and so on. */
  readonly codec: string;
  /** The codec is named by a FourCC (Enhanced RTMP v2), which ffmpeg reads from 7.1 on. */
  readonly isEnhanced: boolean;
  /** First byte of the tag: in a plain one SoundFormat, SoundRate, SoundSize and SoundType. */
  readonly header: number;
  /** 0 unless the tag is multitrack (Enhanced RTMP v2). */
  readonly trackId: number;
  /** Decoding can start at any sound, and it is presented as it is decoded: the same fields as a picture's. */
  readonly isSync: true;
  readonly compositionOffsetMs: 0;
  /** The codec's own bytes; may be empty; borrowed from the tag's body. */
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
const AAC = 10;
/** SoundFormat ExHeader of Enhanced RTMP v2. */
const EX_HEADER = 9;
/** AACPacketType, and AudioPacketType of Enhanced RTMP. */
const SEQUENCE_START = 0;
const CODED_FRAMES = 1;
/** Codecs that are read, by their FourCC of Enhanced RTMP v2. */
export const AUDIO_FOURCC_CODECS: ReadonlyMap<string, string> = new Map([
  ['mp4a', 'aac'],
  ['Opus', 'opus'],
  ['fLaC', 'flac'],
  ['ac-3', 'ac3'],
  ['ec-3', 'eac3'],
  ['.mp3', 'mp3'],
]);

/**
 * Reads the body of an audio tag: AUDIODATA (Adobe FLV 10.1 §E.4.2), or ExAudioTagHeader (Enhanced RTMP v2, "Enhanced
 * audio"), which may have several tracks.
 *
 * @param body untrusted; borrowed by the result
 * @returns one packet for each track; none when the body is too short for what it says it is
 */
export function readAudioPackets(body: Buffer): readonly AudioPacket[] {
  const header = body[0];
  if (header === undefined || body.length < 2) return [];
  const format = header >> 4; // SoundFormat
  if (format === EX_HEADER) {
    // The lower half is AudioPacketType.
    return readEnhancedPackets(body, header & 0xf, AUDIO_MULTITRACK).map(
      ({ packetType, fourCc, trackId, data }) =>
        packet({ kind: kindOf(packetType), codec: codecOf(fourCc), isEnhanced: true, header, trackId, data }),
    );
  }
  const codec = SOUND_FORMATS[format] ?? `sound format ${format}`;
  const plain = { codec, isEnhanced: false, header, trackId: 0 };
  if (format !== AAC) return [packet({ kind: 'frame', ...plain, data: body.subarray(1) })];
  return [packet({ kind: kindOf(body[1] ?? 0), ...plain, data: body.subarray(2) })]; // AACPacketType
}

/**
 * Reads the body of an audio tag that has one track, as a source's.
 *
 * @param body untrusted; borrowed by the result
 * @returns the first track's packet; null when the body is too short for what it says it is
 */
export function readAudioPacket(body: Buffer): AudioPacket | null {
  return readAudioPackets(body)[0] ?? null;
}

function packet(fields: Omit<AudioPacket, 'isSync' | 'compositionOffsetMs'>): AudioPacket {
  return { ...fields, isSync: true, compositionOffsetMs: 0 };
}

function codecOf(fourCc: string): string {
  return AUDIO_FOURCC_CODECS.get(fourCc) ?? `audio codec ${JSON.stringify(fourCc)}`;
}

function kindOf(packetType: number): AudioPacket['kind'] {
  if (packetType === SEQUENCE_START) return 'config';
  return packetType === CODED_FRAMES ? 'frame' : 'other';
}
