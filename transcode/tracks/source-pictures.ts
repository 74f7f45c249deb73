import type { VideoCodec } from '../../media/codec/video-codec.ts';
import { whyNotPlayed } from '../../media/codec/why-not-played.ts';
import type { CodedVideo } from '../../media/flv/video-packet.ts';
import { isSameFormat, type SourceFormat, sourceFormatOf } from '../ffmpeg/source-format.ts';

/** One coded picture of the publisher. */
export type SourcePicture = {
  /** Decode time in source time without jumps, milliseconds. */
  readonly timeMs: number;
  readonly compositionOffsetMs: number;
  readonly isSync: boolean;
  /** The codec's own bytes. */
  readonly data: Buffer;
};

/** The decoder configuration of the publisher's pictures. */
export type SourceConfig = {
  readonly codec: VideoCodec;
  /** avcC, hvcC or av1C. */
  readonly data: Buffer;
  readonly format: SourceFormat;
  /** Whether every viewer's browser plays the pictures as they are coded. */
  readonly isPlayed: boolean;
};

/** Limit of the group of pictures that is cached; after a longer group an encoder starts at the next keyframe. */
const MAX_GROUP_BYTES = 32 << 20;

/** The publisher's pictures since her last keyframe, with their configuration: where an encoder that starts now begins to decode. */
export class SourcePictures {
  #config: SourceConfig | null = null;
  #group: SourcePicture[] = [];
  #groupBytes = 0;

  /** The decoder configuration in force; null before the first. */
  get config(): SourceConfig | null {
    return this.#config;
  }

  /** Since the last keyframe, in decode order; empty before the first. */
  get group(): readonly SourcePicture[] {
    return this.#group;
  }

  /** Sets the configuration of the pictures that follow. It is copied. */
  configure({ codec, data }: CodedVideo): void {
    // H.264 is the one codec that all know.
    const isPlayed = codec === 'h264' && whyNotPlayed(codec, data) === null;
    this.#config = { codec, data: Buffer.from(data), format: sourceFormatOf(codec, data), isPlayed };
  }

  /** Forgets the pictures of another configuration. */
  forgetGroup(): void {
    this.#group = [];
    this.#groupBytes = 0;
  }

  /** Adds a picture, in decode order; its bytes are owned by this object from now on. */
  push(picture: SourcePicture): void {
    if (picture.isSync || this.#groupBytes > MAX_GROUP_BYTES) this.forgetGroup();
    if (!picture.isSync && this.#group.length === 0) return;
    this.#group.push(picture);
    this.#groupBytes += picture.data.length;
  }
}

/** Whether a decoder that runs follows a change of configuration. */
export function isFollowed(before: SourceConfig, now: SourceConfig): boolean {
  if (before.codec !== now.codec || !isSameFormat(before.format, now.format)) return false;
  return now.codec === 'h264' || before.data.equals(now.data);
}

/** Whether a ladder's track can carry pictures as they are: every viewer plays them. True before the first. */
export function canBeCopied(config: SourceConfig | null): boolean {
  return config === null || config.isPlayed;
}
