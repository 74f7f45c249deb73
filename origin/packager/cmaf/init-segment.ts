import { createHash } from 'node:crypto';
import type { ParameterSets, TrackInit } from '../media.ts';
import { readAudioConfig } from './audio-config.ts';
import { type Box, type BoxSource, FieldReader, onlyChild, readBox, readBoxes } from './box-reader.ts';
import { badCmaf } from './cmaf-error.ts';
import { av1Codec, avcCodec, hevcCodec } from './codec-string.ts';
import { readParameterSets } from './parameter-sets.ts';
import { writeAudioEntry, writeInit, writeVideoEntry } from './init-writer.ts';

/** What the sample entry (stsd) says of a track. */
type Entry = {
  readonly codec: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly parameterSets?: ParameterSets;
  /** The sample entry as it is served. */
  readonly bytes: Buffer;
};

/** Configuration box by sample entry. */
const VIDEO_CONFIG: Readonly<Record<string, string>> = {
  avc1: 'avcC',
  avc3: 'avcC',
  hvc1: 'hvcC',
  hev1: 'hvcC',
  av01: 'av1C',
};
const HANDLERS: Readonly<Record<string, 'video' | 'audio'>> = { vide: 'video', soun: 'audio' };

/**
 * Reads a CMAF header of exactly one track (ISO/IEC 23000-19 §7.3.1) and writes the one that is served.
 *
 * The served bytes are written anew from what a decoder needs (codec configuration, pixel shape, colours, timescale,
 * sizes, track id), because twins and restarts must come to the same bytes and so to the same URL: creation times,
 * durations, bit rates and the muxer's name differ between them, and an edit list would move one rendition against
 * the others although tfdt already carries the true time. Sample defaults are taken from trex here and stand in each
 * fragment there.
 *
 * @param bytes ftyp to moov; not kept
 * @param originBytes where they stood in their stream, for messages
 * @throws {CmafError} `bad-cmaf` (400): not one track, a codec that is not served, or a timescale off the grid
 */
export function parseInit(bytes: Buffer, originBytes = 0): TrackInit {
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
  const timescaleHz = readTimescale(source, onlyChild(source, inMdia, 'mdhd', mdia));
  const kind = readKind(source, onlyChild(source, inMdia, 'hdlr', mdia));
  const minf = onlyChild(source, inMdia, 'minf', mdia);
  const stbl = onlyChild(source, childrenOf(source, minf), 'stbl', minf);
  const stsd = onlyChild(source, childrenOf(source, stbl), 'stsd', stbl);
  const entry = readEntry(source, stsd, kind);
  const mvex = onlyChild(source, inMoov, 'mvex', moov);
  const trex = onlyChild(source, childrenOf(source, mvex), 'trex', mvex);
  const defaults = readTrex(source, trex, header.trackId);
  const { bytes: entryBytes, ...media } = entry;
  const served = writeInit({ kind, timescaleHz, ...header, sampleEntry: entryBytes });
  const hash = createHash('sha256').update(served).digest('hex').slice(0, 12);
  return { kind, timescaleHz, trackId: header.trackId, ...media, ...defaults, bytes: served, hash };
}

function childrenOf(source: BoxSource, parent: Box): Box[] {
  return readBoxes(source, parent.payload, parent.end);
}

/** TrackHeaderBox (ISO/IEC 14496-12 §8.3.2): the track's id and its size on screen, in pixels as 16.16. */
function readTkhd(
  source: BoxSource,
  box: Box,
): { trackId: number; displayWidth: number; displayHeight: number } {
  const fields = new FieldReader(source, box);
  const version = readVersion(fields);
  fields.skip(version === 1 ? 16 : 8); // creation_time, modification_time
  const trackId = fields.u32(); // track_ID
  if (trackId === 0) throw fields.bad('track_ID 0');
  fields.skip(4 + (version === 1 ? 8 : 4) + 8 + 8 + 36); // reserved, duration, reserved, layer to reserved, matrix
  return { trackId, displayWidth: fields.u32(), displayHeight: fields.u32() };
}

/** MediaHeaderBox (§8.4.2). */
function readTimescale(source: BoxSource, box: Box): number {
  const fields = new FieldReader(source, box);
  fields.skip(readVersion(fields) === 1 ? 16 : 8); // creation_time, modification_time
  const timescaleHz = fields.u32(); // timescale
  if (timescaleHz === 0 || timescaleHz % 5 !== 0) {
    throw fields.bad(`timescale ${timescaleHz}, want a positive multiple of 5: a segment lasts 1.6 s`);
  }
  // Above this, the ticks of a few decades since 1970 would no longer be exact in a number.
  if (timescaleHz > 1_000_000) throw fields.bad(`timescale ${timescaleHz}, want at most 1000000`);
  return timescaleHz;
}

/** HandlerBox (§8.4.3). */
function readKind(source: BoxSource, box: Box): 'video' | 'audio' {
  const fields = new FieldReader(source, box);
  fields.skip(8); // version, flags, pre_defined
  fields.skip(4); // handler_type
  const type = source.bytes.toString('latin1', fields.at - 4, fields.at);
  const kind = HANDLERS[type];
  if (kind === undefined) throw fields.bad(`handler_type ${JSON.stringify(type)}, want vide or soun`);
  return kind;
}

/** SampleDescriptionBox (§8.5.2): one entry, as fragments may not change between several. */
function readEntry(source: BoxSource, stsd: Box, kind: 'video' | 'audio'): Entry {
  const fields = new FieldReader(source, stsd);
  fields.skip(4); // version, flags
  const count = fields.u32(); // entry_count
  if (count !== 1) throw fields.bad(`entry_count ${count}, want 1`);
  const entry = readBox(source, fields.at, stsd.end);
  return kind === 'video' ? readVideoEntry(source, entry) : readAudioEntry(source, entry);
}

/** VisualSampleEntry (§12.1.3) with its configuration, pasp and colr; other boxes in it are left aside. */
function readVideoEntry(source: BoxSource, entry: Box): Entry {
  const fields = new FieldReader(source, entry);
  const configType = Object.hasOwn(VIDEO_CONFIG, entry.type) ? VIDEO_CONFIG[entry.type] : undefined;
  if (configType === undefined) {
    throw fields.bad(`video of type ${JSON.stringify(entry.type)}, want avc1, avc3, hvc1, hev1 or av01`);
  }
  fields.skip(24); // reserved, data_reference_index, pre_defined, reserved
  const widthPx = fields.u16(); // width
  const heightPx = fields.u16(); // height
  if (widthPx === 0 || heightPx === 0) throw fields.bad(`picture of ${widthPx} x ${heightPx}`);
  fields.skip(50); // resolution, reserved, frame_count, compressorname, depth, pre_defined
  const children = readBoxes(source, fields.at, entry.end);
  const config = onlyChild(source, children, configType, entry);
  const kept = children.filter((child) => child === config || child.type === 'pasp' || child.type === 'colr');
  const codec =
    configType === 'avcC'
      ? avcCodec(source, entry.type, config)
      : configType === 'hvcC'
        ? hevcCodec(source, entry.type, config)
        : av1Codec(source, config);
  const extensions = kept.map((child) => source.bytes.subarray(child.start, child.end));
  return {
    codec,
    widthPx,
    heightPx,
    sampleRateHz: 0,
    channels: 0,
    // AV1 carries its sequence header in each random access point anyway (AV1 ISOBMFF binding §2.4).
    ...(configType === 'av1C' ? {} : { parameterSets: readParameterSets(source, config) }),
    bytes: writeVideoEntry(entry.type, widthPx, heightPx, extensions),
  };
}

/** AudioSampleEntry (§12.2.3) with its esds. */
function readAudioEntry(source: BoxSource, entry: Box): Entry {
  const fields = new FieldReader(source, entry);
  if (entry.type !== 'mp4a') throw fields.bad(`audio of type ${JSON.stringify(entry.type)}, want mp4a`);
  fields.skip(8); // reserved, data_reference_index
  const version = fields.u16(); // 0; the entries of QuickTime have others, and other fields behind
  if (version !== 0) throw fields.bad(`sample entry version ${version}, want 0`);
  fields.skip(6); // reserved
  const entryChannels = fields.u16(); // channelcount
  fields.skip(10); // samplesize, pre_defined, reserved, samplerate
  const children = readBoxes(source, fields.at, entry.end);
  const config = readAudioConfig(source, onlyChild(source, children, 'esds', entry));
  // The decoder goes by AudioSpecificConfig; channelcount is only asked where that says "see the program config".
  const channels = config.channels === 0 ? entryChannels : config.channels;
  const { codec, sampleRateHz, specificConfig } = config;
  return {
    codec,
    widthPx: 0,
    heightPx: 0,
    sampleRateHz,
    channels,
    bytes: writeAudioEntry(channels, sampleRateHz, specificConfig),
  };
}

/** TrackExtendsBox (§8.8.3). */
function readTrex(
  source: BoxSource,
  box: Box,
  trackId: number,
): { defaultDurationTicks: number; defaultSizeBytes: number; defaultFlags: number } {
  const fields = new FieldReader(source, box);
  fields.skip(4); // version, flags
  const id = fields.u32(); // track_ID
  if (id !== trackId) throw fields.bad(`track_ID ${id}, the track's is ${trackId}`);
  fields.skip(4); // default_sample_description_index
  return {
    defaultDurationTicks: fields.u32(), // default_sample_duration
    defaultSizeBytes: fields.u32(), // default_sample_size
    defaultFlags: fields.u32(), // default_sample_flags
  };
}

function readVersion(fields: FieldReader): number {
  const version = fields.u8();
  fields.skip(3); // flags
  if (version > 1) throw fields.bad(`version ${version}, want 0 or 1`);
  return version;
}
