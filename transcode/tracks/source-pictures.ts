import type { CodedVideo } from '../../media/flv/video-packet.ts';

/** One coded picture of the publisher. */
export type SourcePicture = {
  /** Decode time in source time without jumps, milliseconds. */
  readonly timeMs: number;
  readonly compositionOffsetMs: number;
  readonly isSync: boolean;
  /** The codec's own bytes, and the body of the FLV tag that they are part of. */
  readonly data: Buffer;
  readonly body: Buffer;
};

/** Limit of the group of pictures that is cached; after a longer group an encoder starts at the next keyframe. */
const MAX_GROUP_BYTES = 32 << 20;

/** The publisher's pictures since her last keyframe, with their configuration: where an encoder that starts now begins to decode. */
export class SourcePictures {
  #config: { readonly data: Buffer; readonly body: Buffer } | null = null;
  #group: SourcePicture[] = [];
  #groupBytes = 0;

  /** The decoder configuration in force; null before the first. */
  get config(): { readonly data: Buffer; readonly body: Buffer } | null {
    return this.#config;
  }

  /** Since the last keyframe, in decode order; empty before the first. */
  get group(): readonly SourcePicture[] {
    return this.#group;
  }

  /** Sets the configuration of the pictures that follow. Both buffers are copied. */
  configure(packet: CodedVideo, body: Buffer): void {
    this.#config = { data: Buffer.from(packet.data), body: Buffer.from(body) };
  }

  /** Adds a picture, in decode order; its bytes are owned by this object from now on. */
  push(picture: SourcePicture): void {
    if (picture.isSync || this.#groupBytes > MAX_GROUP_BYTES) {
      this.#group = [];
      this.#groupBytes = 0;
    }
    if (!picture.isSync && this.#group.length === 0) return;
    this.#group.push(picture);
    this.#groupBytes += picture.body.length;
  }
}
