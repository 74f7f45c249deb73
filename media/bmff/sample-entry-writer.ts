import type { AspectRatio } from '../codec/picture-format.ts';
import { box, u16, u32 } from './box-writer.ts';
import { writeEsds } from './esds.ts';
import type { SampleEntry } from './sample-entry.ts';

/** Writes the sample entry that was read as this. The same entry gives the same bytes; owned by the caller. */
export function writeSampleEntry(entry: SampleEntry): Buffer {
  return entry.kind === 'video'
    ? writeVideoEntry(entry.type, entry.widthPx, entry.heightPx, entry.extensions)
    : writeAudioEntry(entry.channelCount, entry.aac.coreSampleRateHz, entry.specificConfig);
}

/** Writes a PixelAspectRatioBox (ISO/IEC 14496-12 §12.1.4). */
export function writePasp({ horizontal, vertical }: AspectRatio): Buffer {
  return box('pasp', [u32(horizontal), u32(vertical)]); // hSpacing, vSpacing
}

/**
 * Writes a VisualSampleEntry (ISO/IEC 14496-12 §12.1.3).
 *
 * @param type four characters, such as `avc1`
 * @param extensions its boxes, whole: codec configuration, pasp, colr
 * @returns a copy; owned by the caller
 */
export function writeVideoEntry(
  type: string,
  widthPx: number,
  heightPx: number,
  extensions: readonly Buffer[],
): Buffer {
  return box(type, [
    ...[Buffer.alloc(6), u16(1)], // reserved, data_reference_index
    Buffer.alloc(16), // pre_defined, reserved, pre_defined
    ...[u16(widthPx), u16(heightPx)], // width, height
    ...[u32(0x480000), u32(0x480000), u32(0)], // horizresolution, vertresolution: 72 dpi; reserved
    ...[u16(1), Buffer.alloc(32), u16(24), u16(0xffff)], // frame_count, compressorname, depth, pre_defined
    ...extensions,
  ]);
}

/**
 * Writes an mp4a AudioSampleEntry (ISO/IEC 14496-12 §12.2.3) with its esds (ISO/IEC 14496-14 §5.6).
 *
 * @param channelCount of the core, without PS
 * @param sampleRateHz of the core, without SBR: readers go by the configuration, and archives hold it like this
 * @param specificConfig AudioSpecificConfig, 2 to 64 bytes
 * @returns a copy; owned by the caller
 */
export function writeAudioEntry(channelCount: number, sampleRateHz: number, specificConfig: Buffer): Buffer {
  return box('mp4a', [
    ...[Buffer.alloc(6), u16(1)], // reserved, data_reference_index
    Buffer.alloc(8), // reserved
    ...[u16(channelCount), u16(16), u32(0)], // channelcount, samplesize, pre_defined and reserved
    // samplerate, 16.16: rates above it are written as 0, AudioSpecificConfig has the true one.
    u32(sampleRateHz > 0xffff ? 0 : sampleRateHz * 0x10000),
    writeEsds(specificConfig),
  ]);
}
