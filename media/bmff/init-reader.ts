import { badCmaf } from '../media-error.ts';
import { type Box, type BoxSource, childrenOf, onlyChild, readBoxes } from './box-reader.ts';
import { FieldReader } from './field-reader.ts';
import type { FragmentTrack } from './fragment-reader.ts';
import type { SampleEntry } from './sample-entry.ts';
import { readSampleEntry } from './sample-entry-reader.ts';

/** What an init segment says of its one track, with the sample defaults for its fragments. */
export type InitSegment = FragmentTrack & {
  /** Ticks a second; not 0. */
  readonly timescaleHz: number;
  /** Size on screen in pixels, as 16.16 fixed point; 0 for audio. */
  readonly displayWidth: number;
  readonly displayHeight: number;
  readonly entry: SampleEntry;
};

const HANDLERS: Readonly<Record<string, 'video' | 'audio'>> = { vide: 'video', soun: 'audio' };

/**
 * Reads an init segment of exactly one track (CMAF header, ISO/IEC 23000-19 §7.3.1; boxes: ISO/IEC 14496-12 §8).
 *
 * Creation times, durations, edit lists and the names of muxers are not read.
 *
 * @param bytes ftyp to moov; untrusted. The sample entry borrows from them
 * @param originBytes where they stood in their stream, for messages
 * @throws {MediaError} `bad-cmaf`: not one track, or a codec that is not known here
 */
export function readInitSegment(bytes: Buffer, originBytes = 0): InitSegment {
  const source: BoxSource = { bytes, originBytes };
  const top = readBoxes(source, 0, bytes.length);
  if (top[0]?.type !== 'ftyp')
    throw badCmaf(top[0]?.type ?? 'end', originBytes, 'want ftyp at the beginning');
  const whole: Box = { type: 'init segment', start: 0, payload: 0, end: bytes.length };
  const moov = onlyChild(source, top, 'moov', whole);
  const inMoov = childrenOf(source, moov);
  const trak = onlyChild(source, inMoov, 'trak', moov);
  const inTrak = childrenOf(source, trak);
  const header = readTkhd(source, onlyChild(source, inTrak, 'tkhd', trak));
  const mdia = onlyChild(source, inTrak, 'mdia', trak);
  const inMdia = childrenOf(source, mdia);
  const timescaleHz = readMdhd(source, onlyChild(source, inMdia, 'mdhd', mdia));
  const kind = readHdlr(source, onlyChild(source, inMdia, 'hdlr', mdia));
  const minf = onlyChild(source, inMdia, 'minf', mdia);
  const stbl = onlyChild(source, childrenOf(source, minf), 'stbl', minf);
  const entry = readSampleEntry(source, onlyChild(source, childrenOf(source, stbl), 'stsd', stbl), kind);
  const mvex = onlyChild(source, inMoov, 'mvex', moov);
  const trex = onlyChild(source, childrenOf(source, mvex), 'trex', mvex);
  return { kind, timescaleHz, ...header, entry, ...readTrex(source, trex, header.trackId) };
}

/** TrackHeaderBox (§8.3.2): the track's id and its size on screen. */
function readTkhd(
  source: BoxSource,
  box: Box,
): Pick<InitSegment, 'trackId' | 'displayWidth' | 'displayHeight'> {
  const fields = new FieldReader(source, box);
  const version = fields.version(1);
  fields.skip(3 + (version === 1 ? 16 : 8)); // flags, creation_time, modification_time
  const trackId = fields.u32(); // track_ID
  if (trackId === 0) throw fields.bad('track_ID 0');
  fields.skip(4 + (version === 1 ? 8 : 4) + 8 + 8 + 36); // reserved, duration, reserved, layer to reserved, matrix
  return { trackId, displayWidth: fields.u32(), displayHeight: fields.u32() }; // width, height
}

/** MediaHeaderBox (§8.4.2). */
function readMdhd(source: BoxSource, box: Box): number {
  const fields = new FieldReader(source, box);
  const version = fields.version(1);
  fields.skip(3 + (version === 1 ? 16 : 8)); // flags, creation_time, modification_time
  const timescaleHz = fields.u32(); // timescale
  if (timescaleHz === 0) throw fields.bad('timescale 0');
  return timescaleHz;
}

/** HandlerBox (§8.4.3). */
function readHdlr(source: BoxSource, box: Box): 'video' | 'audio' {
  const fields = new FieldReader(source, box);
  fields.skip(8); // version, flags, pre_defined
  const type = fields.fourCc(); // handler_type
  const kind = Object.hasOwn(HANDLERS, type) ? HANDLERS[type] : undefined;
  if (kind === undefined) throw fields.bad(`handler_type ${JSON.stringify(type)}, want vide or soun`);
  return kind;
}

/** TrackExtendsBox (§8.8.3). */
function readTrex(source: BoxSource, box: Box, trackId: number): Omit<FragmentTrack, 'kind'> {
  const fields = new FieldReader(source, box);
  fields.skip(4); // version, flags
  const id = fields.u32(); // track_ID
  if (id !== trackId) throw fields.bad(`track_ID ${id}, the track's is ${trackId}`);
  fields.skip(4); // default_sample_description_index
  return {
    trackId,
    defaultDurationTicks: fields.u32(), // default_sample_duration
    defaultSizeBytes: fields.u32(), // default_sample_size
    defaultFlags: fields.u32(), // default_sample_flags
  };
}
