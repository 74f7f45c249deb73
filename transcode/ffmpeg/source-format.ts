import { readAvcConfig } from '../../media/codec/avc-config.ts';
import { readHevcConfig } from '../../media/codec/hevc-config.ts';
import { isMalformed } from '../../media/codec/malformed.ts';
import { PLAIN_COLOUR, type PictureColour, pictureColour } from '../../media/codec/picture-colour.ts';
import type { PictureFormat } from '../../media/codec/picture-format.ts';
import type { VideoCodec } from '../../media/codec/video-codec.ts';

/** What of a publisher's pictures decides how they are filtered. */
export type SourceFormat = {
  /** Pictures may hold two fields, and each says itself whether it does; or each is one field, and two make a frame. */
  readonly scan: 'frames' | 'interlaced' | 'fields';
  /** Samples use all values; players expect the limited range. */
  readonly isFullRange: boolean;
  /** Players expect BT.709 of standard range. */
  readonly colour: PictureColour;
};

/** What most encoders send, and what holds where a configuration cannot be read. */
export const PLAIN_FORMAT: SourceFormat = {
  scan: 'frames',
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
  if (codec === 'av1') return { scan: 'frames', isFullRange: true, colour };
  const read = codec === 'h264' ? readAvcConfig(config) : readHevcConfig(config);
  if (isMalformed(read)) return PLAIN_FORMAT;
  // Any of several sets may be the one in use.
  return {
    scan: scanOf(read.pictures),
    isFullRange: read.pictures.some(({ fullRange }) => fullRange),
    colour,
  };
}

/** The decoder joins the fields of H.264 into frames; it gives those of H.265 one by one. */
function scanOf(
  sets: readonly (PictureFormat & { readonly isFieldSequence?: boolean })[],
): SourceFormat['scan'] {
  if (sets[0]?.isFieldSequence === true) return 'fields';
  return sets.some(({ framesOnly }) => !framesOnly) ? 'interlaced' : 'frames';
}

/** Whether two formats are filtered in the same way. */
export function isSameFormat(one: SourceFormat, other: SourceFormat): boolean {
  const [colour, others] = [one.colour, other.colour];
  return (
    one.scan === other.scan &&
    one.isFullRange === other.isFullRange &&
    colour.range === others.range &&
    colour.isWide === others.isWide &&
    colour.matrix === others.matrix
  );
}
