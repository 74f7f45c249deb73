/** What a tag of an FLV stream carries. */
export type FlvTagKind = 'audio' | 'video' | 'script';

/** One FLV tag. */
export type FlvTag = {
  readonly kind: FlvTagKind;
  /** Milliseconds, 0 ≤ t < 2^32: RTMP's timestamps roll over there, and a stream's may begin anywhere. */
  readonly timestampMs: number;
  /** The tag's body. A reader borrows it from the bytes it was given where it stood there in one piece. */
  readonly data: Buffer;
};

/** TagType by kind (Adobe FLV 10.1 §E.4.1). */
export const TAG_TYPES: Readonly<Record<FlvTagKind, number>> = { audio: 8, video: 9, script: 18 };
/** Size of a file header in the one version there is (§E.2). */
export const FILE_HEADER_BYTES = 9;
/** Size of a tag in front of its body (§E.4.1). */
export const TAG_HEADER_BYTES = 11;
/** Size of the PreviousTagSize behind the header and behind each tag (§E.3). */
export const PREVIOUS_TAG_SIZE_BYTES = 4;
