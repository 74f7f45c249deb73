import { readAvcConfig } from './avc-config.ts';
import { readHevcConfig } from './hevc-config.ts';
import { isMalformed } from './malformed.ts';
import { pictureColour } from './picture-colour.ts';
import type { VideoCodec } from './video-codec.ts';

/**
 * Tells what keeps browsers from showing pictures as they are coded, the same on every screen: high dynamic range, fields, more than
 * 8 bits, colours that are not 4:2:0. Which codecs they know is another question.
 *
 * @param record content of avcC, hvcC or av1C; untrusted, not retained
 * @returns in words, such as `interlaced`; null where nothing does, and where the record does not tell
 */
export function whyNotPlayed(codec: VideoCodec, record: Buffer): string | null {
  // Screens of standard range show it pale or not at all, and half of a class's screens are.
  if (pictureColour(codec, record).range !== 'SDR') return 'HDR';
  if (codec === 'av1') return null;
  const read = codec === 'h264' ? readAvcConfig(record) : readHevcConfig(record);
  if (isMalformed(read)) return null;
  const [{ framesOnly, lumaBits, chromaBits, chromaFormat }] = read.pictures;
  if (!framesOnly) return 'interlaced';
  // Main 10 is what browsers with H.265 play as well; High 10 of H.264 none does.
  const depth = Math.max(lumaBits, chromaBits);
  if (depth > (codec === 'h264' ? 8 : 10)) return `${depth} bits`;
  if (chromaFormat === 2) return '4:2:2';
  return chromaFormat === 3 ? '4:4:4' : null;
}
