/**
 * One tag of a source before it has its place: what a publisher sent, in the one form that workers read. H.264 and AAC are plain FLV,
 * other codecs are named by a FourCC; samples have lengths of four bytes; a configuration comes in front of what it describes.
 */
export type SourcePacket = {
  readonly kind: 'audio' | 'video';
  readonly role: 'config' | 'frame';
  /** A picture that decoding can start at, by its bits. */
  readonly isSync: boolean;
  /** Presentation minus decode time, milliseconds; may be negative. */
  readonly compositionOffsetMs: number;
  /** Decode time of the publication, milliseconds. */
  readonly timestampMs: number;
  /** The second field of the picture in front of it. */
  readonly isSecondField?: true;
  /** The tag's body. A copy. */
  readonly body: Buffer;
};

/** What of a publisher's media cannot be taken: each is told to her in words, on her page as well. */
export type MediaFault = 'unsupported-video' | 'unsupported-sound' | 'no-header' | 'no-keyframe';

/** What becomes of a publisher's packet: tags for the source, or the reason why she is refused, which names what to change. */
export type SourceStep =
  | { readonly packets: readonly SourcePacket[] }
  | { readonly refuse: string; readonly fault: MediaFault };

/** A step without tags. */
export const NOTHING: SourceStep = { packets: [] };
