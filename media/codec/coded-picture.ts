import type { Malformed } from './malformed.ts';
import type { AspectRatio } from './picture-format.ts';

/** How decoding can start at a picture, by its bits: */
export type PictureStart =
  /** at it (IDR, BLA and CRA pictures, an AV1 key frame, or a recovery point that is exact at once), */
  | 'key'
  /** at it, and pictures are whole some pictures later (gradual decoder refresh), */
  | 'gradual'
  /** perhaps: it refers to no other picture, but later ones may refer to pictures before it, */
  | 'intra'
  /** not at all. */
  | 'none';

/** One coded picture with what its bits say. */
export type CodedPicture = {
  readonly start: PictureStart;
  /** The second field of the picture that the sample before began: no picture of its own. Left out where it is one. */
  readonly isSecondField?: true;
  /** Its first slice goes on with a picture that a sample before began: one came without its first slices. Left out where not. */
  readonly isContinued?: true;
  /** As a sample of MP4: NAL units with lengths of four bytes in front, or OBUs without temporal delimiters. */
  readonly data: Buffer;
};

/** What a sample of a publisher holds: a picture, or only what belongs to the next one (parameter sets, SEI messages). */
export type ReadSample =
  | CodedPicture
  | {
      readonly start: null;
      readonly isSecondField?: never;
      readonly isContinued?: never;
      readonly data: Buffer;
    };

/** The decoder configuration of the pictures from now on. */
export type PictureConfig = {
  /** avcC, hvcC or av1C; with lengths of four bytes, and the parameter sets in use first. */
  readonly record: Buffer;
  /** The set in use, SPS or AV1 sequence header: another one is another configuration, whatever came how often beside it. */
  readonly key: Buffer;
  /** Pixels, after cropping. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Shape of a sample; null when it is not given. */
  readonly pixelAspect: AspectRatio | null;
  /** Frames a second as the bitstream declares; 0 when it does not. */
  readonly frameRate: number;
};

/** A reader of one codec's pictures. */
export type PictureStream = {
  /**
   * Takes a decoder configuration record, or parameter sets behind start codes, which some encoders send in its place. One without
   * parameter sets says how they and the pictures come: in band.
   *
   * @returns what is wrong with it; null when nothing is
   */
  configure(record: Buffer): Malformed | null;
  /** Takes what a publisher sent as one picture. */
  read(sample: Buffer): ReadSample;
  /** The configuration of the newest picture; null while something of it is missing. */
  config(): PictureConfig | null;
};
