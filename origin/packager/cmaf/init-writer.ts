import { ascii, box, fullBox, u16, u32 } from './box-writer.ts';

/** What a served init segment is written from; nothing else of the source's goes into it. */
export type InitContent = {
  readonly kind: 'video' | 'audio';
  /** Ticks a second. */
  readonly timescaleHz: number;
  readonly trackId: number;
  /** Size on screen in pixels, as 16.16 fixed point; 0 for audio. */
  readonly displayWidth: number;
  readonly displayHeight: number;
  /** The sample entry box, from {@link writeVideoEntry} or {@link writeAudioEntry}. */
  readonly sampleEntry: Buffer;
};

/** The identity, as 16.16 and 2.30 fixed point (ISO/IEC 14496-12 §8.2.2.2). */
const MATRIX = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000];
/** 'und' as three times five bits (§8.4.2.3): the playlist tells the language. */
const LANGUAGE_UND = 0x55c4;

/**
 * Writes an init segment (CMAF header, ISO/IEC 23000-19 §7.3.1): the same content gives the same bytes, always.
 *
 * @returns ftyp and moov; owned by the caller
 */
export function writeInit(content: InitContent): Buffer {
  const { kind, timescaleHz, trackId } = content;
  const isVideo = kind === 'video';
  const mvhd = fullBox('mvhd', 0, 0, [
    ...[u32(0), u32(0)], // creation_time, modification_time
    ...[u32(1000), u32(0)], // timescale, duration: unknown
    ...[u32(0x10000), u16(0x100), u16(0), u32(0), u32(0)], // rate, volume, reserved
    ...MATRIX.map(u32),
    Buffer.alloc(24), // pre_defined
    u32(trackId + 1 > 0xffffffff ? 0xffffffff : trackId + 1), // next_track_ID
  ]);
  const tkhd = fullBox('tkhd', 0, 7, [
    ...[u32(0), u32(0), u32(trackId), u32(0), u32(0)], // creation_time, modification_time, track_ID, reserved, duration
    ...[u32(0), u32(0), u16(0), u16(0)], // reserved, layer, alternate_group
    ...[u16(isVideo ? 0 : 0x100), u16(0)], // volume, reserved
    ...MATRIX.map(u32),
    ...[u32(content.displayWidth), u32(content.displayHeight)], // width, height
  ]);
  const mdhd = fullBox('mdhd', 0, 0, [
    ...[u32(0), u32(0), u32(timescaleHz), u32(0)], // creation_time, modification_time, timescale, duration
    ...[u16(LANGUAGE_UND), u16(0)], // language, pre_defined
  ]);
  const hdlr = fullBox('hdlr', 0, 0, [
    ...[u32(0), ascii(isVideo ? 'vide' : 'soun')], // pre_defined, handler_type
    ...[Buffer.alloc(12), Buffer.alloc(1)], // reserved, name: empty
  ]);
  const mediaHeader = isVideo
    ? fullBox('vmhd', 0, 1, [Buffer.alloc(8)]) // graphicsmode, opcolor
    : fullBox('smhd', 0, 0, [Buffer.alloc(4)]); // balance, reserved
  const dref = fullBox('dref', 0, 0, [u32(1), fullBox('url ', 0, 1, [])]); // entry_count; the media is in this file
  const stbl = box('stbl', [
    fullBox('stsd', 0, 0, [u32(1), content.sampleEntry]), // entry_count
    fullBox('stts', 0, 0, [u32(0)]), // entry_count: samples stand in fragments only
    fullBox('stsc', 0, 0, [u32(0)]),
    fullBox('stsz', 0, 0, [u32(0), u32(0)]), // sample_size, sample_count
    fullBox('stco', 0, 0, [u32(0)]),
  ]);
  const trex = fullBox('trex', 0, 0, [
    ...[u32(trackId), u32(1)], // track_ID, default_sample_description_index
    ...[u32(0), u32(0), u32(0)], // default duration, size, flags: each fragment says its own
  ]);
  const minf = box('minf', [mediaHeader, box('dinf', [dref]), stbl]);
  const trak = box('trak', [tkhd, box('mdia', [mdhd, hdlr, minf])]);
  // 'cmfc': structural brand of CMAF (ISO/IEC 23000-19 §7.2); 'iso6': what default-base-is-moof and tfdt ask for.
  const ftyp = box('ftyp', [ascii('cmfc'), u32(0), ascii('cmfc'), ascii('iso6'), ascii('mp41')]);
  return Buffer.concat([ftyp, box('moov', [mvhd, trak, box('mvex', [trex])])]);
}

/**
 * Writes a VisualSampleEntry (ISO/IEC 14496-12 §12.1.3).
 *
 * @param type four characters, such as `avc1`
 * @param extensions its boxes, whole: codec configuration, pasp, colr
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
 * @param specificConfig AudioSpecificConfig, at most 64 bytes
 */
export function writeAudioEntry(channels: number, sampleRateHz: number, specificConfig: Buffer): Buffer {
  const decoderConfig = descriptor(4, [
    Buffer.of(0x40, 0x15), // objectTypeIndication: MPEG-4 audio; streamType 5 (audio), upStream 0, reserved 1
    ...[Buffer.alloc(3), u32(0), u32(0)], // bufferSizeDB, maxBitrate, avgBitrate: 0 is "not known"
    descriptor(5, [specificConfig]),
  ]);
  const slConfig = descriptor(6, [Buffer.of(2)]); // predefined: reserved for use in MP4 files
  const esds = fullBox('esds', 0, 0, [descriptor(3, [u16(0), Buffer.of(0), decoderConfig, slConfig])]); // ES_ID, flags
  return box('mp4a', [
    ...[Buffer.alloc(6), u16(1)], // reserved, data_reference_index
    Buffer.alloc(8), // reserved
    ...[u16(channels), u16(16), u32(0)], // channelcount, samplesize, pre_defined and reserved
    // samplerate, 16.16: rates above it are written as 0, AudioSpecificConfig has the true one.
    u32(sampleRateHz > 0xffff ? 0 : sampleRateHz * 0x10000),
    esds,
  ]);
}

/** A descriptor of less than 128 bytes (ISO/IEC 14496-1 §8.3.3). */
function descriptor(tag: number, content: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(content);
  return Buffer.concat([Buffer.of(tag, bytes.length), bytes]);
}
