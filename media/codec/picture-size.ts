import { readAvcConfig } from './avc-config.ts';
import { readHevcConfig } from './hevc-config.ts';
import { isMalformed } from './malformed.ts';
import type { AspectRatio } from './picture-format.ts';
import type { VideoCodec } from './video-codec.ts';

/**
 * Reads from a decoder configuration record how large its pictures are, and how their pixels are shaped.
 *
 * @param record content of avcC, hvcC or av1C; untrusted, not retained
 * @returns pixels as they are shown, after cropping; null where the record does not say it, as that of AV1
 */
export function pictureSize(
  codec: VideoCodec,
  record: Buffer,
): {
  readonly widthPx: number;
  readonly heightPx: number;
  /** null for square ones. */
  readonly pixelAspect: AspectRatio | null;
} | null {
  if (codec === 'av1') return null;
  const config = codec === 'h264' ? readAvcConfig(record) : readHevcConfig(record);
  if (isMalformed(config)) return null;
  const [{ widthPx, heightPx, sampleAspectRatio }] = config.pictures;
  return { widthPx, heightPx, pixelAspect: sampleAspectRatio };
}
