/** One coded frame of a track: a picture, or one AAC frame. */
export type Sample = {
  /** Decode time, ticks of the track's timescale. Since the Unix epoch on a channel. */
  readonly decodeTicks: number;
  readonly durationTicks: number;
  /** Presentation time minus decode time, ticks. May be negative. */
  readonly compositionOffsetTicks: number;
  /** True for a picture that decoding can start at, and for all sound. */
  readonly isSync: boolean;
  /** The coded bytes; borrowed from the chunk they were read from. */
  readonly data: Buffer;
};

/** What is written for a sync sample: sample_depends_on 2, on no other (ISO/IEC 14496-12 §8.8.3.1). */
export const SYNC_SAMPLE_FLAGS = 0x2000000;
/** What is written for all others: sample_depends_on 1, sample_is_non_sync_sample. */
export const NON_SYNC_SAMPLE_FLAGS = 0x1010000;
/** The bit that is read: sample_is_non_sync_sample. */
export const NON_SYNC_BIT = 0x10000;

/** tf_flags of tfhd (ISO/IEC 14496-12 §8.8.7.1). */
export const TFHD = {
  baseDataOffset: 0x1,
  sampleDescription: 0x2,
  duration: 0x8,
  size: 0x10,
  flags: 0x20,
  baseIsMoof: 0x20000,
} as const;

/** tr_flags of trun (§8.8.8.1). */
export const TRUN = {
  dataOffset: 0x1,
  firstFlags: 0x4,
  duration: 0x100,
  size: 0x200,
  flags: 0x400,
  compositionOffset: 0x800,
} as const;
