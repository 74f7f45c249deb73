import { writeFragment } from '../../media/bmff/fragment-writer.ts';
import { writeInitSegment } from '../../media/bmff/init-writer.ts';
import { type SoundEntryCodec, writeSoundEntry } from '../../media/bmff/sound-entry-writer.ts';
import { ONLY_TRACK_ID } from '../../media/bmff/track-header.ts';
import type { AudioPacket } from '../../media/flv/audio-packet.ts';
import { writeFlvHeader, writeFlvTag } from '../../media/flv/flv-writer.ts';
import type { InputFormat } from './input-format.ts';

/** What is known of a publisher's sound before its first packet. */
export type SoundKind = Pick<AudioPacket, 'codec'> & {
  readonly sampleRateHz: number;
  readonly channels: number;
};

/** A packet of sound with the body of the tag that it was read from. */
export type SoundPacket = { readonly data: Buffer; readonly body: Buffer };

/** What Opus is decoded at, and what a codec that does not say is taken for. Hz. */
const USUAL_RATE_HZ = 48_000;
const TIMESCALE_HZ = 1000;

/**
 * Writes a publisher's sound as one run of ffmpeg reads it, whatever its version: what FLV has always had as FLV, codecs that are named
 * by a FourCC as fragmented MP4.
 */
export class SoundInput {
  readonly #kind: SoundKind;
  #sequence = 0;

  constructor(kind: SoundKind) {
    this.#kind = kind;
  }

  /** What ffmpeg is told to read. */
  get format(): InputFormat {
    return isEntryCodec(this.#kind.codec) ? 'mp4' : 'flv';
  }

  /**
   * Writes the beginning of the stream.
   *
   * @param config null where the codec has none
   */
  head(config: SoundPacket | null, timeMs: number): readonly Buffer[] {
    const { codec, sampleRateHz, channels } = this.#kind;
    if (!isEntryCodec(codec)) {
      const header = writeFlvHeader({ hasVideo: false, hasAudio: true });
      return config === null ? [header] : [header, writeFlvTag('audio', timeMs, config.body)];
    }
    const rateHz = sampleRateHz > 0 ? sampleRateHz : USUAL_RATE_HZ;
    const sampleEntry = writeSoundEntry(codec, channels || 2, rateHz, config?.data ?? Buffer.alloc(0));
    const track = { kind: 'audio', timescaleHz: TIMESCALE_HZ, trackId: ONLY_TRACK_ID } as const;
    return [writeInitSegment({ ...track, displayWidth: 0, displayHeight: 0, sampleEntry })];
  }

  /**
   * Writes one packet.
   *
   * @param timeMs of the run, milliseconds
   * @returns null before its zero, where a source begins that is read again: containers have no negative times
   */
  packet({ data, body }: SoundPacket, timeMs: number): Buffer | null {
    if (timeMs < 0) return null;
    if (this.format === 'flv') return writeFlvTag('audio', timeMs, body);
    const sample = { durationTicks: 1, compositionOffsetTicks: 0, isSync: true, data };
    return writeFragment({
      ...{ trackId: ONLY_TRACK_ID, sequenceNumber: ++this.#sequence },
      samples: [{ decodeTicks: Math.round(timeMs), ...sample }],
    });
  }
}

function isEntryCodec(codec: string): codec is SoundEntryCodec {
  return codec === 'opus' || codec === 'flac' || codec === 'ac3' || codec === 'eac3';
}
