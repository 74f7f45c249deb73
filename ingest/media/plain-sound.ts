import { readMpegAudioHeader } from '../../media/codec/mpeg-audio-header.ts';
import type { AudioPacket } from '../../media/flv/audio-packet.ts';
import type { SourceAudio } from '../../transcode/job.ts';

/** First byte of a tag of MP3: SoundFormat 2, 44.1 kHz, 16 bits, stereo. The frames say what they are. */
export const PLAIN_MP3 = 0x2f;
/** SoundFormat of Nellymoser at 16 and at 8 kHz; at the rate of SoundRate it is 6. */
const NELLYMOSER_RATES_HZ: Readonly<Record<number, number>> = { 4: 16_000, 5: 8000 };
/** SoundRate, in Hz (Adobe FLV 10.1 §E.4.2.1). */
const SOUND_RATES_HZ = [5512, 11_025, 22_050, 44_100];
const PLAIN_CODECS = new Set(['mp3', 'pcm-alaw', 'pcm-mulaw', 'speex', 'nellymoser', 'adpcm']);

/**
 * Describes sound that needs no configuration: the tag's first byte and the frame itself say what it is.
 *
 * @returns null for a codec that has a configuration, or is not read
 */
export function describePlainSound({ codec, header, data }: AudioPacket): SourceAudio | null {
  if (!PLAIN_CODECS.has(codec)) return null;
  const channels = (header & 1) + 1; // SoundType
  const sampleRateHz = SOUND_RATES_HZ[(header >> 2) & 3] ?? 44_100; // SoundRate
  switch (codec) {
    case 'mp3':
      return { codec, ...(readMpegAudioHeader(data) ?? { sampleRateHz, channels }) };
    // G.711 "is always 8 kHz", Speex 16 kHz and mono (§E.4.2.1).
    case 'pcm-alaw':
    case 'pcm-mulaw':
      return { codec, sampleRateHz: 8000, channels };
    case 'speex':
      return { codec, sampleRateHz: 16_000, channels: 1 };
    case 'nellymoser': {
      const ownHz = NELLYMOSER_RATES_HZ[header >> 4];
      return { codec, sampleRateHz: ownHz ?? sampleRateHz, channels: ownHz === undefined ? channels : 1 };
    }
    default:
      return { codec, sampleRateHz, channels };
  }
}
