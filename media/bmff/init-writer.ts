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

/** A track of a file: one init segment or several, and its length. */
export type FileTrackHeader = InitTrack & {
  /** Sample entries 2 and following, whole boxes: fragments name theirs by its number. */
  readonly moreEntries: readonly Buffer[];
  /** End of its last sample, ticks from the beginning of the file. */
  readonly durationTicks: number;
};

/** How long a movie and its tracks are; an init segment says nothing of it. */
type Lengths = { readonly movieMs: number; readonly tracks: ReadonlyMap<InitTrack, FileTrackHeader> };

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
 * Its length stands in mvhd, tkhd and mdhd as well as in mehd: ISO/IEC 14496-12 allows 0 there in a fragmented file, but
 * programs that read no fragments show 0:00 then.
 *
 * @param tracks with different ids
 * @param durationMs of the whole file
 * @returns ftyp and moov; owned by the caller
 */
export function writeFileHeader(tracks: readonly FileTrackHeader[], durationMs: number): Buffer {
  const brands = [ascii('iso6'), u32(0), ascii('iso6'), ascii('cmfc'), ascii('mp42')];
  return Buffer.concat([
    box('ftyp', brands),
    writeMoov(tracks, {
      movieMs: Math.round(durationMs),
      tracks: new Map(tracks.map((track) => [track, track])),
    }),
  ]);
}

/** MovieBox (ISO/IEC 14496-12 §8.2.1). */
function writeMoov(tracks: readonly InitTrack[], lengths: Lengths | null): Buffer {
  const nextTrackId = Math.max(0, ...tracks.map(({ trackId }) => trackId)) + 1;
  // MovieHeaderBox (§8.2.2)
  const movieMs = lengths?.movieMs ?? 0;
  const mvhd = timedBox('mvhd', 0, movieMs, (time) => [
    ...[time(0), time(0)], // creation_time, modification_time
    ...[u32(MOVIE_TIMESCALE_HZ), time(movieMs)], // timescale, duration
    ...[u32(0x10000), u16(0x100), u16(0), u32(0), u32(0)], // rate, volume, reserved
    ...MATRIX.map(u32),
    Buffer.alloc(24), // pre_defined
    u32(Math.min(nextTrackId, 0xffffffff)), // next_track_ID
  ]);
  // MovieExtendsHeaderBox (§8.8.2): fragment_duration
  const mehd = lengths === null ? [] : [fullBox('mehd', 1, 0, [u64(movieMs)])];
  const traks = tracks.map((track) => writeTrak(track, lengths?.tracks.get(track) ?? null));
  return box('moov', [mvhd, ...traks, box('mvex', [...mehd, ...tracks.map(writeTrex)])]);
}

/** A full box whose times have 32 bits while its duration fits into them (version 0), and 64 bits otherwise (version 1). */
function timedBox(
  type: string,
  flags: number,
  duration: number,
  content: (time: (value: number) => Buffer) => Buffer[],
): Buffer {
  // All bits set means that the duration is not known (§8.2.2.3).
  const isLong = duration >= 0xffffffff;
  return fullBox(type, isLong ? 1 : 0, flags, content(isLong ? u64 : u32));
}

/** TrackBox (§8.3.1). */
function writeTrak(init: InitTrack, file: FileTrackHeader | null): Buffer {
  const { kind, trackId, timescaleHz, displayWidth, displayHeight } = init;
  const isVideo = kind === 'video';
  const durationTicks = file?.durationTicks ?? 0;
  const movieTicks = Math.round((durationTicks / timescaleHz) * MOVIE_TIMESCALE_HZ);
  // TrackHeaderBox (§8.3.2): enabled, in movie, in preview
  const tkhd = timedBox('tkhd', 7, movieTicks, (time) => [
    ...[time(0), time(0), u32(trackId), u32(0), time(movieTicks)], // creation_time, modification_time, track_ID, reserved, duration
    ...[u32(0), u32(0), u16(0), u16(0)], // reserved, layer, alternate_group
    ...[u16(isVideo ? 0 : 0x100), u16(0)], // volume, reserved
    ...MATRIX.map(u32),
    ...[u32(displayWidth), u32(displayHeight)], // width, height
  ]);
  // MediaHeaderBox (§8.4.2)
  const mdhd = timedBox('mdhd', 0, durationTicks, (time) => [
    ...[time(0), time(0), u32(timescaleHz), time(durationTicks)], // creation_time, modification_time, timescale, duration
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
  const entries = [init.sampleEntry, ...(file?.moreEntries ?? [])];
  const stbl = box('stbl', [
    fullBox('stsd', 0, 0, [u32(entries.length), ...entries]), // entry_count (§8.5.2)
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
