import { type BoxSource, onlyChild, readBoxes } from '../../packager/cmaf/box-reader.ts';
import { ascii, box, fullBox, u16, u32, u64 } from '../../packager/cmaf/box-writer.ts';
import { badCmaf } from '../../packager/cmaf/cmaf-error.ts';
import type { TrackInit } from '../../packager/media.ts';
import type { FilePlan } from './mp4-plan.ts';

/** Ticks a second of mvhd and mehd. */
const FILE_TIMESCALE_HZ = 1000;
/** reference_count of sidx has 16 bits (ISO/IEC 14496-12 §8.16.3). */
const MAX_REFERENCES = 65_535;
/** Where track_ID stands behind the version and flags of tkhd (§8.3.2, version 0), of trex (§8.8.3) and of tfhd (§8.8.7). */
const TRACK_ID_IN = { tkhd: 12, trex: 4, tfhd: 4 };

/**
 * Writes the beginning of a file: ftyp, moov with all tracks, and sidx, by which players jump.
 *
 * @param inits in the order of their track_ID in the file, from 1
 * @returns the bytes; owned by the caller
 */
export function writeFileHeader(inits: readonly TrackInit[], plan: FilePlan): Buffer {
  const mvhd = fullBox('mvhd', 0, 0, [
    ...[u32(0), u32(0)], // creation_time, modification_time
    ...[u32(FILE_TIMESCALE_HZ), u32(0)], // timescale, duration: that of the fragments stands in mehd
    ...[u32(0x10000), u16(0x100), u16(0), u32(0), u32(0)], // rate, volume, reserved
    ...[0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].map(u32), // matrix
    Buffer.alloc(24), // pre_defined
    u32(inits.length + 1), // next_track_ID
  ]);
  const tracks = inits.map(({ bytes }, index) => trackBoxes(bytes, index + 1));
  const mehd = fullBox('mehd', 1, 0, [u64(Math.round(plan.durationMs))]); // fragment_duration
  const moov = box('moov', [
    mvhd,
    ...tracks.map(({ trak }) => trak),
    box('mvex', [mehd, ...tracks.map(({ trex }) => trex)]),
  ]);
  const ftyp = box('ftyp', [ascii('iso6'), u32(0), ascii('iso6'), ascii('cmfc'), ascii('mp42')]);
  return Buffer.concat([ftyp, moov, writeSidx(plan, inits[0]?.timescaleHz ?? FILE_TIMESCALE_HZ)]);
}

/**
 * SegmentIndexBox (§8.16.3): one reference a segment's time, sound and picture of it together.
 *
 * @param timescaleHz that of the first track, which it refers to: players take it for that whatever stands here
 */
function writeSidx({ entries }: FilePlan, timescaleHz: number): Buffer {
  const ticks = (timeMs: number): number => Math.round((timeMs / 1000) * timescaleHz);
  // A longer file is played all the same, and jumped in as far as the index goes.
  const listed = entries.slice(0, MAX_REFERENCES);
  return fullBox('sidx', 1, 0, [
    ...[u32(1), u32(timescaleHz)], // reference_ID, timescale
    ...[u64(ticks(listed[0]?.startMs ?? 0)), u64(0)], // earliest_presentation_time, first_offset
    ...[u16(0), u16(listed.length)], // reserved, reference_count
    ...listed.flatMap(({ sizeBytes, startMs, durationMs }) => [
      u32(sizeBytes), // reference_type 0 (media), referenced_size
      u32(ticks(startMs + durationMs) - ticks(startMs)), // subsegment_duration
      u32(0x90000000), // starts_with_SAP 1, SAP_type 1, SAP_delta_time 0
    ]),
  ]);
}

function trackBoxes(init: Buffer, trackId: number): { readonly trak: Buffer; readonly trex: Buffer } {
  const bytes = Buffer.from(init);
  const source: BoxSource = { bytes, originBytes: 0 };
  const top = readBoxes(source, 0, bytes.length);
  const whole = { type: 'file', start: 0, payload: 0, end: bytes.length };
  const moov = onlyChild(source, top, 'moov', whole);
  const inMoov = readBoxes(source, moov.payload, moov.end);
  const trak = onlyChild(source, inMoov, 'trak', moov);
  const tkhd = onlyChild(source, readBoxes(source, trak.payload, trak.end), 'tkhd', trak);
  const mvex = onlyChild(source, inMoov, 'mvex', moov);
  const trex = onlyChild(source, readBoxes(source, mvex.payload, mvex.end), 'trex', mvex);
  bytes.writeUInt32BE(trackId, tkhd.payload + TRACK_ID_IN.tkhd);
  bytes.writeUInt32BE(trackId, trex.payload + TRACK_ID_IN.trex);
  return { trak: bytes.subarray(trak.start, trak.end), trex: bytes.subarray(trex.start, trex.end) };
}

/**
 * Puts a segment at its place in a file: another track_ID, and other decode times. Its size stays, and so do its samples.
 *
 * @param segment borrowed; not written to
 * @param trackId from 1
 * @param startTicks where its first sample is to be, ticks
 * @returns bytes of the caller's own
 * @throws {CmafError} `bad-cmaf` where it is none of ours
 */
export function placeSegment(segment: Buffer, trackId: number, startTicks: number): Buffer {
  const bytes = Buffer.from(segment);
  const source: BoxSource = { bytes, originBytes: 0 };
  let movedTicks: number | null = null;
  for (const moof of readBoxes(source, 0, bytes.length)) {
    if (moof.type !== 'moof') continue;
    const traf = onlyChild(source, readBoxes(source, moof.payload, moof.end), 'traf', moof);
    const inTraf = readBoxes(source, traf.payload, traf.end);
    const tfhd = onlyChild(source, inTraf, 'tfhd', traf);
    const tfdt = onlyChild(source, inTraf, 'tfdt', traf);
    if (bytes[tfdt.payload] !== 1) throw badCmaf('tfdt', tfdt.start, 'want version 1, of 64 bits');
    const at = tfdt.payload + 4;
    const ticks = bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
    movedTicks ??= ticks - startTicks;
    bytes.writeUInt32BE(trackId, tfhd.payload + TRACK_ID_IN.tfhd);
    u64(ticks - movedTicks).copy(bytes, at);
  }
  return bytes;
}
