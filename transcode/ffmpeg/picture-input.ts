import { writeFragment } from '../../media/bmff/fragment-writer.ts';
import { ONLY_TRACK_ID, writeTrackHeader } from '../../media/bmff/track-header.ts';
import type { VideoCodec } from '../../media/codec/video-codec.ts';
import { writeFlvHeader, writeFlvTag } from '../../media/flv/flv-writer.ts';
import { writeVideoPacket } from '../../media/flv/packet-writer.ts';
import type { InputFormat } from './input-format.ts';

/** The decoder configuration that pictures begin with. */
export type InputConfig = { readonly codec: VideoCodec; readonly data: Buffer };

/** A picture for ffmpeg's decoder. */
export type InputPicture = {
  readonly compositionOffsetMs: number;
  readonly isSync: boolean;
  readonly data: Buffer;
};

/** FLV's own resolution: what RTMP's timestamps have. */
const TIMESCALE_HZ = 1000;
/**
 * In MP4, decode times are earlier by this much than they are, and composition offsets larger, milliseconds: ffmpeg moves all
 * pictures of a stream in which an offset is negative.
 */
const LEAD_MS = 10_000;
/** Size in the sample entry: decoders go by the bitstream. Pixels. */
const NOMINAL_SIZE = { widthPx: 1280, heightPx: 720 };

/**
 * Writes a publisher's pictures as one run of ffmpeg reads them, whatever its version: H.264 as FLV; H.265 and AV1 as fragmented MP4,
 * a fragment a picture, because ffmpeg reads these in FLV only from 6.1 on.
 */
export class PictureInput {
  readonly #codec: VideoCodec;
  #sequence = 0;

  constructor(codec: VideoCodec) {
    this.#codec = codec;
  }

  /** What ffmpeg is told to read. */
  get format(): InputFormat {
    return this.#codec === 'h264' ? 'flv' : 'mp4';
  }

  /**
   * Writes the beginning of the stream.
   *
   * @param timeMs of the first picture, milliseconds ≥ 0
   */
  head(config: Buffer, timeMs: number): readonly Buffer[] {
    if (this.format === 'flv') {
      return [writeFlvHeader({ hasVideo: true, hasAudio: false }), this.config(config, timeMs)];
    }
    const track = { kind: 'video', codec: this.#codec, decoderConfig: config } as const;
    return [writeTrackHeader({ ...track, ...NOMINAL_SIZE, timescaleHz: TIMESCALE_HZ })];
  }

  /** Writes another configuration of the same codec: of H.264 alone, where a stream may have several. */
  config(config: Buffer, timeMs: number): Buffer {
    const packet = { kind: 'config', codec: this.#codec, isSync: true, compositionOffsetMs: 0 } as const;
    return writeFlvTag('video', timeMs, writeVideoPacket({ ...packet, data: config }));
  }

  /** @param timeMs decode time, milliseconds; at least {@link LEAD_MS} */
  picture({ compositionOffsetMs, isSync, data }: InputPicture, timeMs: number): Buffer {
    if (this.format === 'flv') {
      const packet = { kind: 'frame', codec: this.#codec, isSync, compositionOffsetMs, data } as const;
      return writeFlvTag('video', timeMs, writeVideoPacket(packet));
    }
    return writeFragment({
      trackId: ONLY_TRACK_ID,
      sequenceNumber: ++this.#sequence,
      samples: [
        {
          decodeTicks: Math.round(timeMs) - LEAD_MS,
          durationTicks: 1,
          compositionOffsetTicks: compositionOffsetMs + LEAD_MS,
          ...{ isSync, data },
        },
      ],
    });
  }
}
