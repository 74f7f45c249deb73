import type { Sample, TrackInit } from '../media.ts';
import { type Box, type BoxSource, FieldReader, onlyChild, readBoxes } from './box-reader.ts';
import { badCmaf } from './cmaf-error.ts';

/** Samples that one chunk may hold: 80 s at 50 frames a second. Bounds what a run of empty samples can make of few bytes. */
const MAX_SAMPLES = 4096;

/** sample_is_non_sync_sample (ISO/IEC 14496-12 §8.8.3.1). */
const NON_SYNC = 0x10000;

/** tf_flags of tfhd (§8.8.7.1). */
const TFHD = { baseOffset: 1, description: 2, duration: 8, size: 0x10, flags: 0x20 };
/** tr_flags of trun (§8.8.8.1). */
const TRUN = { dataOffset: 1, firstFlags: 4, duration: 0x100, size: 0x200, flags: 0x400, composition: 0x800 };

type TrackFragment = {
  /** What data offsets count from; an index into the chunk's bytes, possibly outside of them. */
  readonly base: number;
  readonly durationTicks: number;
  readonly sizeBytes: number;
  readonly flags: number;
};

/** Where the next run begins, and how many samples there were before it. */
type Cursor = { decodeTicks: number; dataAt: number; count: number };

/**
 * Reads the samples of one chunk (moof and mdat, ISO/IEC 14496-12 §8.8): one track, any number of runs.
 *
 * Samples without a byte are left out; their time passes all the same.
 *
 * @param bytes from moof's first byte to mdat's last, as ChunkSplitter gives them
 * @param init the header that this chunk belongs to: track id and sample defaults
 * @param originBytes where the chunk stood in its stream: for messages, and for base-data-offset, which counts from there
 * @returns samples in decode order; their data is borrowed from `bytes`
 * @throws {CmafError} `bad-cmaf` (400) for whatever does not fit, with box, byte and value
 */
export function parseChunk(bytes: Buffer, init: TrackInit, originBytes = 0): Sample[] {
  const source: BoxSource = { bytes, originBytes };
  const top = readBoxes(source, 0, bytes.length);
  const whole: Box = { type: 'chunk', start: 0, payload: 0, end: bytes.length };
  const moof = onlyChild(source, top, 'moof', whole);
  const mdat = onlyChild(source, top, 'mdat', whole);
  const traf = onlyChild(source, readBoxes(source, moof.payload, moof.end), 'traf', moof);
  const inTraf = readBoxes(source, traf.payload, traf.end);
  const fragment = readTfhd(source, onlyChild(source, inTraf, 'tfhd', traf), moof, init);
  // CMAF asks for a tfdt in every chunk (ISO/IEC 23000-19 §7.5.16); without one there is no time.
  const baseDecodeTicks = readTfdt(source, onlyChild(source, inTraf, 'tfdt', traf));
  const samples: Sample[] = [];
  const next: Cursor = { decodeTicks: baseDecodeTicks, dataAt: fragment.base, count: 0 };
  for (const box of inTraf) {
    if (box.type === 'trun') readTrun(source, box, mdat, init, fragment, next, samples);
  }
  return samples;
}

/** TrackFragmentHeaderBox (§8.8.7). */
function readTfhd(source: BoxSource, box: Box, moof: Box, init: TrackInit): TrackFragment {
  const fields = new FieldReader(source, box);
  const flags = fields.u32() & 0xffffff; // version, tf_flags
  const trackId = fields.u32(); // track_ID
  if (trackId !== init.trackId)
    throw fields.bad(`track_ID ${trackId}, the init segment's is ${init.trackId}`);
  // default-base-is-moof says moof's first byte; without either flag it is the same for the first (here: only) traf.
  const base =
    (flags & TFHD.baseOffset) === 0 ? moof.start : fields.u64('base_data_offset') - source.originBytes;
  if ((flags & TFHD.description) !== 0) {
    const description = fields.u32(); // sample_description_index
    if (description !== 1) throw fields.bad(`sample_description_index ${description}, want 1`);
  }
  return {
    base,
    durationTicks: (flags & TFHD.duration) === 0 ? init.defaultDurationTicks : fields.u32(), // default_sample_duration
    sizeBytes: (flags & TFHD.size) === 0 ? init.defaultSizeBytes : fields.u32(), // default_sample_size
    flags: (flags & TFHD.flags) === 0 ? init.defaultFlags : fields.u32(), // default_sample_flags
  };
}

/** TrackFragmentBaseMediaDecodeTimeBox (§8.8.12). */
function readTfdt(source: BoxSource, box: Box): number {
  const fields = new FieldReader(source, box);
  const version = fields.u8();
  fields.skip(3); // flags
  if (version > 1) throw fields.bad(`version ${version}, want 0 or 1`);
  return version === 1 ? fields.u64('baseMediaDecodeTime') : fields.u32(); // baseMediaDecodeTime
}

/** TrackRunBox (§8.8.8); appends to `samples` and moves the cursor on. */
function readTrun(
  source: BoxSource,
  box: Box,
  mdat: Box,
  init: TrackInit,
  fragment: TrackFragment,
  next: Cursor,
  samples: Sample[],
): void {
  const { bytes } = source;
  const fields = new FieldReader(source, box);
  const version = fields.u8();
  if (version > 1) throw fields.bad(`version ${version}, want 0 or 1`);
  const flags = fields.u24(); // tr_flags
  const count = fields.u32(); // sample_count
  let dataAt = (flags & TRUN.dataOffset) === 0 ? next.dataAt : fragment.base + fields.i32(); // data_offset
  const firstFlags = (flags & TRUN.firstFlags) === 0 ? null : fields.u32(); // first_sample_flags
  const perSample = [TRUN.duration, TRUN.size, TRUN.flags, TRUN.composition].filter(
    (flag) => (flags & flag) !== 0,
  );
  if (count * perSample.length * 4 > fields.left) {
    throw fields.bad(
      `sample_count ${count} of ${perSample.length * 4} bytes each, ${fields.left} bytes are left`,
    );
  }
  next.count += count;
  if (next.count > MAX_SAMPLES)
    throw fields.bad(`sample_count ${count}, ${next.count} in this chunk, want at most ${MAX_SAMPLES}`);
  let at = fields.at;
  let { decodeTicks } = next;
  for (let i = 0; i < count; i++) {
    let { durationTicks, sizeBytes } = fragment;
    let sampleFlags = i === 0 && firstFlags !== null ? firstFlags : fragment.flags;
    let compositionOffsetTicks = 0;
    if ((flags & TRUN.duration) !== 0) {
      durationTicks = bytes.readUInt32BE(at); // sample_duration
      at += 4;
    }
    if ((flags & TRUN.size) !== 0) {
      sizeBytes = bytes.readUInt32BE(at); // sample_size
      at += 4;
    }
    if ((flags & TRUN.flags) !== 0) {
      sampleFlags = bytes.readUInt32BE(at); // sample_flags
      at += 4;
    }
    if ((flags & TRUN.composition) !== 0) {
      // Unsigned in version 0; but muxers write negative ones there too, and no true one comes near 2^31.
      compositionOffsetTicks = bytes.readInt32BE(at); // sample_composition_time_offset
      at += 4;
    }
    if (sizeBytes > 0) {
      if (dataAt < mdat.payload || dataAt + sizeBytes > mdat.end) {
        throw badCmaf(
          'trun',
          source.originBytes + box.start,
          `sample ${i} lies at ${dataAt} to ${dataAt + sizeBytes} of the chunk, mdat's content at ${mdat.payload} to ${mdat.end}`,
        );
      }
      samples.push({
        decodeTicks,
        durationTicks,
        compositionOffsetTicks,
        isSync: init.kind === 'audio' || (sampleFlags & NON_SYNC) === 0,
        data: bytes.subarray(dataAt, dataAt + sizeBytes),
      });
    }
    dataAt += sizeBytes;
    decodeTicks += durationTicks;
  }
  if (!Number.isSafeInteger(decodeTicks)) throw fields.bad('decode time rises above 2^53 - 1');
  next.decodeTicks = decodeTicks;
  next.dataAt = dataAt;
}
