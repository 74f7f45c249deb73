import { readAvcConfig } from '../../media/codec/avc-config.ts';
import { readHevcConfig } from '../../media/codec/hevc-config.ts';
import { isMalformed } from '../../media/codec/malformed.ts';
import type { VideoCodec } from '../../media/codec/video-codec.ts';

/** What of a publisher's pictures decides how they are filtered. */
export type SourceFormat = {
  /** Pictures may be fields, or hold two of them: each says itself whether it is so. */
  readonly isInterlaced: boolean;
  /** Samples use all values; players expect the limited range. */
  readonly isFullRange: boolean;
};

/** What most encoders send, and what holds where a configuration cannot be read. */
export const PLAIN_FORMAT: SourceFormat = { isInterlaced: false, isFullRange: false };

/**
 * Reads the format of a publisher's pictures out of their parameter sets, which go before anything that she declares. Pure.
 *
 * AV1 has no interlaced pictures, and its decoder tells the range of each one.
 *
 * @param config decoder configuration record; untrusted
 */
export function sourceFormatOf(codec: VideoCodec, config: Buffer): SourceFormat {
  if (codec === 'av1') return { isInterlaced: false, isFullRange: true };
  const read = codec === 'h264' ? readAvcConfig(config) : readHevcConfig(config);
  if (isMalformed(read)) return PLAIN_FORMAT;
  // Any of several sets may be the one in use.
  return {
    isInterlaced: read.pictures.some(({ framesOnly }) => !framesOnly),
    isFullRange: read.pictures.some(({ fullRange }) => fullRange),
  };
}

/** Whether two formats are filtered in the same way. */
export function isSameFormat(one: SourceFormat, other: SourceFormat): boolean {
  return one.isInterlaced === other.isInterlaced && one.isFullRange === other.isFullRange;
}
