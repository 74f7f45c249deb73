import { type AudioPacket, readAudioPackets } from '../../media/flv/audio-packet.ts';
import { readVideoPackets, type VideoPacket } from '../../media/flv/video-packet.ts';
import type { SourceAudio, SourceVideo } from '../../transcode/job.ts';
import type { RtmpMessage } from '../rtmp/rtmp-protocol.ts';
import type { SourcePacket, SourceStep } from './source-packet.ts';
import { PictureReader } from './picture-reader.ts';
import { SoundReader } from './sound-reader.ts';
import { PublisherTracks } from './publisher-tracks.ts';

/** An audio or video message with the packets of its tracks. */
export type MediaMessage =
  | { readonly kind: 'audio'; readonly packets: readonly AudioPacket[] }
  | { readonly kind: 'video'; readonly packets: readonly VideoPacket[] };

/** Splits a message into the packets of its tracks. They borrow its payload. */
export function readMediaMessage({ kind, payload }: RtmpMessage): MediaMessage | null {
  if (kind === 'data') return null;
  return kind === 'video'
    ? { kind, packets: readVideoPackets(payload) }
    : { kind, packets: readAudioPackets(payload) };
}

/** Whether a message carries coded media: its timestamp then counts. */
export function hasFrames({ packets }: MediaMessage): boolean {
  return packets.some(({ kind }) => kind === 'frame');
}

/** Reads the media of one publication: the tracks on air, what they are, and their tags for the source. */
export class MediaReader {
  readonly #pictureTracks = new PublisherTracks<VideoPacket>();
  readonly #soundTracks = new PublisherTracks<AudioPacket>();
  readonly #pictures = new PictureReader();
  readonly #sound = new SoundReader();

  /** The picture on air as it is now; null before it is known. */
  get video(): SourceVideo | null {
    return this.#pictures.video;
  }

  /** Whether pictures are on the way: something of them has come, and nothing that can be decoded yet. */
  get isVideoComing(): boolean {
    return this.#pictures.isComing || (this.video === null && this.#pictureTracks.aside.length > 0);
  }

  /** The sound on air as it is now; null before it is known. */
  get audio(): SourceAudio | null {
    return this.#sound.audio;
  }

  /** The tracks that were left aside, for the log and the teacher's page: `sound track 1`. */
  get aside(): readonly string[] {
    return [
      ...this.#pictureTracks.aside.map((id) => `picture track ${id}`),
      ...this.#soundTracks.aside.map((id) => `sound track ${id}`),
    ];
  }

  /** When a picture that waits for its next slice has waited long enough, UTC milliseconds; null while none waits. */
  get waitsUntilMs(): number | null {
    return this.#pictures.waitsUntilMs;
  }

  /** Time has passed. @returns what has waited long enough */
  flush(nowMs: number): readonly SourcePacket[] {
    return this.#pictures.flush(nowMs);
  }

  /**
   * Takes a message.
   *
   * @param timestampMs its decode time, milliseconds of the publication
   * @param nowMs UTC milliseconds
   */
  take(message: MediaMessage, timestampMs: number, nowMs: number): SourceStep {
    return message.kind === 'video'
      ? gather(this.#pictureTracks.choose(message.packets, nowMs), (packet) =>
          this.#pictures.take(packet, timestampMs, nowMs),
        )
      : gather(this.#soundTracks.choose(message.packets, nowMs), (packet) =>
          this.#sound.take(packet, timestampMs, nowMs),
        );
  }
}

function gather<P>(chosen: readonly P[], take: (packet: P) => SourceStep): SourceStep {
  const packets: SourcePacket[] = [];
  for (const one of chosen) {
    const step = take(one);
    if ('refuse' in step) return step;
    packets.push(...step.packets);
  }
  return { packets };
}
