import { ascii, box, fullBox, u16, u32, u64 } from './box-writer.ts';

/** What one track of an init segment is written from. */
export type InitTrack = {
  readonly kind: 'video' | 'audio';
  /** Ticks a second. */
  readonly timescaleHz: number;
  /** From 1. */
  readonly trackId: number;
  /** Size on screen in pixels, as 16.16 fixed point; 0 for audio. */
  readonly displayWidth: number;
  readonly displayHeight: number;
  /** The sample entry, a whole box. */
  readonly sampleEntry: Buffer;
};

/** The identity, as 16.16 and 2.30 fixed point (ISO/IEC 14496-12 §8.2.2.2). */
const MATRIX = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000];
/** 'und' as three times five bits (§8.4.2.3): the playlist tells the language. */
const LANGUAGE_UND = 0x55c4;
/** Ticks a second of mvhd and mehd. */
const MOVIE_TIMESCALE_HZ = 1000;

/**
 * Writes an init segment (CMAF header, ISO/IEC 23000-19 §7.3.1): the same track gives the same bytes, always.
 *
 * @returns ftyp and moov; owned by the caller
 */
export function writeInitSegment(track: InitTrack): Buffer {
  // 'cmfc': structural brand of CMAF (ISO/IEC 23000-19 §7.2); 'iso6': what default-base-is-moof and tfdt require.
  const brands = [ascii('cmfc'), u32(0), ascii('cmfc'), ascii('iso6'), ascii('mp41')];
  return Buffer.concat([box('ftyp', brands), writeMoov([track], null)]);
}

/**
 * Writes the header of a fragmented file of several tracks.
 *
 * @param tracks with different ids
 * @param durationMs of the whole file
 * @returns ftyp and moov; owned by the caller
 */
export function writeFileHeader(tracks: readonly InitTrack[], durationMs: number): Buffer {
  const brands = [ascii('iso6'), u32(0), ascii('iso6'), ascii('cmfc'), ascii('mp42')];
  return Buffer.concat([box('ftyp', brands), writeMoov(tracks, durationMs)]);
}

/** MovieBox (ISO/IEC 14496-12 §8.2.1). */
function writeMoov(tracks: readonly InitTrack[], durationMs: number | null): Buffer {
  const nextTrackId = Math.max(0, ...tracks.map(({ trackId }) => trackId)) + 1;
  // MovieHeaderBox (§8.2.2)
  const mvhd = fullBox('mvhd', 0, 0, [
    ...[u32(0), u32(0)], // creation_time, modification_time
    ...[u32(MOVIE_TIMESCALE_HZ), u32(0)], // timescale, duration: that of the fragments stands in mehd
    ...[u32(0x10000), u16(0x100), u16(0), u32(0), u32(0)], // rate, volume, reserved
    ...MATRIX.map(u32),
    Buffer.alloc(24), // pre_defined
    u32(Math.min(nextTrackId, 0xffffffff)), // next_track_ID
  ]);
  // MovieExtendsHeaderBox (§8.8.2): fragment_duration
  const mehd = durationMs === null ? [] : [fullBox('mehd', 1, 0, [u64(Math.round(durationMs))])];
  return box('moov', [mvhd, ...tracks.map(writeTrak), box('mvex', [...mehd, ...tracks.map(writeTrex)])]);
}

/** TrackBox (§8.3.1). */
function writeTrak({ kind, trackId, timescaleHz, ...track }: InitTrack): Buffer {
  const isVideo = kind === 'video';
  // TrackHeaderBox (§8.3.2): enabled, in movie, in preview
  const tkhd = fullBox('tkhd', 0, 7, [
    ...[u32(0), u32(0), u32(trackId), u32(0), u32(0)], // creation_time, modification_time, track_ID, reserved, duration
    ...[u32(0), u32(0), u16(0), u16(0)], // reserved, layer, alternate_group
    ...[u16(isVideo ? 0 : 0x100), u16(0)], // volume, reserved
    ...MATRIX.map(u32),
    ...[u32(track.displayWidth), u32(track.displayHeight)], // width, height
  ]);
  // MediaHeaderBox (§8.4.2)
  const mdhd = fullBox('mdhd', 0, 0, [
    ...[u32(0), u32(0), u32(timescaleHz), u32(0)], // creation_time, modification_time, timescale, duration
    ...[u16(LANGUAGE_UND), u16(0)], // language, pre_defined
  ]);
  // HandlerBox (§8.4.3)
  const hdlr = fullBox('hdlr', 0, 0, [
    ...[u32(0), ascii(isVideo ? 'vide' : 'soun')], // pre_defined, handler_type
    ...[Buffer.alloc(12), Buffer.alloc(1)], // reserved, name: empty
  ]);
  const mediaHeader = isVideo
    ? fullBox('vmhd', 0, 1, [Buffer.alloc(8)]) // graphicsmode, opcolor (§12.1.2)
    : fullBox('smhd', 0, 0, [Buffer.alloc(4)]); // balance, reserved (§12.2.2)
  // DataReferenceBox (§8.7.2): entry_count; the media is in this file
  const dref = fullBox('dref', 0, 0, [u32(1), fullBox('url ', 0, 1, [])]);
  const stbl = box('stbl', [
    fullBox('stsd', 0, 0, [u32(1), track.sampleEntry]), // entry_count (§8.5.2)
    fullBox('stts', 0, 0, [u32(0)]), // entry_count (§8.6.1.2): samples stand in fragments only
    fullBox('stsc', 0, 0, [u32(0)]), // entry_count (§8.7.4)
    fullBox('stsz', 0, 0, [u32(0), u32(0)]), // sample_size, sample_count (§8.7.3)
    fullBox('stco', 0, 0, [u32(0)]), // entry_count (§8.7.5)
  ]);
  const minf = box('minf', [mediaHeader, box('dinf', [dref]), stbl]);
  return box('trak', [tkhd, box('mdia', [mdhd, hdlr, minf])]);
}

/** TrackExtendsBox (§8.8.3). */
function writeTrex({ trackId }: InitTrack): Buffer {
  return fullBox('trex', 0, 0, [
    ...[u32(trackId), u32(1)], // track_ID, default_sample_description_index
    ...[u32(0), u32(0), u32(0)], // default_sample_duration, _size, _flags: each fragment says its own
  ]);
}
