import { readAvcConfig } from '../../media/codec/avc-config.ts';
import { readHevcConfig } from '../../media/codec/hevc-config.ts';
import { isMalformed } from '../../media/codec/malformed.ts';
import { PLAIN_COLOUR, type PictureColour, pictureColour } from '../../media/codec/picture-colour.ts';
import type { VideoCodec } from '../../media/codec/video-codec.ts';

/** What of a publisher's pictures decides how they are filtered. */
export type SourceFormat = {
  /** Pictures may be fields, or hold two of them: each says itself whether it is so. */
  readonly isInterlaced: boolean;
  /** Samples use all values; players expect the limited range. */
  readonly isFullRange: boolean;
  /** Players expect BT.709 of standard range. */
  readonly colour: PictureColour;
};

/** What most encoders send, and what holds where a configuration cannot be read. */
export const PLAIN_FORMAT: SourceFormat = {
  isInterlaced: false,
  isFullRange: false,
  colour: PLAIN_COLOUR,
};

/**
 * Reads the format of a publisher's pictures out of their parameter sets, which go before anything that she declares. Pure.
 *
 * AV1 has no interlaced pictures, and its decoder tells the range of each one.
 *
 * @param config decoder configuration record; untrusted
 */
export function sourceFormatOf(codec: VideoCodec, config: Buffer): SourceFormat {
  const colour = pictureColour(codec, config);
  if (codec === 'av1') return { isInterlaced: false, isFullRange: true, colour };
  const read = codec === 'h264' ? readAvcConfig(config) : readHevcConfig(config);
  if (isMalformed(read)) return PLAIN_FORMAT;
  // Any of several sets may be the one in use.
  return {
    isInterlaced: read.pictures.some(({ framesOnly }) => !framesOnly),
    isFullRange: read.pictures.some(({ fullRange }) => fullRange),
    colour,
  };
}

/** Whether two formats are filtered in the same way. */
export function isSameFormat(one: SourceFormat, other: SourceFormat): boolean {
  const [colour, others] = [one.colour, other.colour];
  return (
    one.isInterlaced === other.isInterlaced &&
    one.isFullRange === other.isFullRange &&
    colour.range === others.range &&
    colour.isWide === others.isWide &&
    colour.matrix === others.matrix
  );
}
