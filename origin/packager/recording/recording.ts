import type { RenditionInfo, Segment } from '../media.ts';

/** One rendition of a recording. All renditions have the same number of segments, with the same segment numbers. */
export type RecordedRendition = {
  readonly id: string;
  readonly kind: 'video' | 'audio';
  /** Oldest first; `gap` where this rendition has nothing. `parts` is empty: the bytes are in the store. */
  readonly segments: readonly Segment[];
  readonly info: RenditionInfo;
};

/** A stretch in which the same renditions continue with the same init segments: a DASH Period. */
export type RecordedSpan = {
  /** Indices into each rendition's segments: the first, and one behind the last. */
  readonly from: number;
  readonly to: number;
  /** Earliest beginning and latest end of its media, UTC milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
};

/** What was on air in a range of time, laid out for a playlist or manifest that has an end. */
export type Recording = {
  /** Video best first, then audio; at least one. */
  readonly renditions: readonly RecordedRendition[];
  readonly spans: readonly RecordedSpan[];
  /** The longest segment, milliseconds. */
  readonly longestMs: number;
  /** True where every segment begins with a picture that decoding can start at: not on passthrough channels. */
  readonly isIndependent: boolean;
};
