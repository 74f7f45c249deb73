import { badCmaf } from '../media-error.ts';
import { type Box, type BoxSource, childrenOf, onlyChild, readBoxes } from './box-reader.ts';
import { FieldReader } from './field-reader.ts';
import { NON_SYNC_BIT, type Sample, TFHD, TRUN } from './sample.ts';

/** What a fragment's track has said in its init segment (trex, ISO/IEC 14496-12 §8.8.3). */
export type FragmentTrack = {
  readonly kind: 'video' | 'audio';
  readonly trackId: number;
  readonly defaultDurationTicks: number;
  readonly defaultSizeBytes: number;
  readonly defaultFlags: number;
};

/** Samples that one chunk may hold: 80 s at 50 frames a second. Bounds what a run of empty samples can make of few bytes. */
const MAX_SAMPLES = 4096;

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
 * Reads the samples of one chunk: moof and mdat with one track and any number of runs (ISO/IEC 14496-12 §8.8).
 *
 * Samples without a byte are left out; their duration counts all the same.
 *
 * @param bytes from moof's first byte to mdat's last; untrusted
 * @param track the track that this chunk belongs to: its id and its sample defaults
 * @param originBytes where the chunk stood in its stream: for messages, and for base_data_offset, which counts from there
 * @returns samples in decode order; their data is borrowed from `bytes`
 * @throws {MediaError} `bad-cmaf` for whatever does not fit, with box, byte and value
 */
export function readFragment(bytes: Buffer, track: FragmentTrack, originBytes = 0): Sample[] {
  const source: BoxSource = { bytes, originBytes };
  const top = readBoxes(source, 0, bytes.length);
  const whole: Box = { type: 'chunk', start: 0, payload: 0, end: bytes.length };
  const moof = onlyChild(source, top, 'moof', whole);
  const mdat = onlyChild(source, top, 'mdat', whole);
  const traf = onlyChild(source, childrenOf(source, moof), 'traf', moof);
  const inTraf = childrenOf(source, traf);
  const fragment = readTfhd(source, onlyChild(source, inTraf, 'tfhd', traf), moof, track);
  // CMAF requires a tfdt in every chunk (ISO/IEC 23000-19 §7.5.16); without one there is no time.
  const baseDecodeTicks = readTfdt(source, onlyChild(source, inTraf, 'tfdt', traf));
  const samples: Sample[] = [];
  const next: Cursor = { decodeTicks: baseDecodeTicks, dataAt: fragment.base, count: 0 };
  for (const box of inTraf) {
    if (box.type === 'trun') readTrun(source, box, mdat, track, fragment, next, samples);
  }
  return samples;
}

/**
 * Reads the decode time that the first chunk of a part or a segment begins with.
 *
 * @param bytes whole boxes; untrusted, not kept
 * @returns ticks of the track's timescale
 * @throws {MediaError} `bad-cmaf` when there is no moof with one traf and one tfdt
 */
export function readFirstDecodeTicks(bytes: Buffer): number {
  const source: BoxSource = { bytes, originBytes: 0 };
  const moof = readBoxes(source, 0, bytes.length).find(({ type }) => type === 'moof');
  if (moof === undefined) throw badCmaf('moof', 0, 'there is none');
  const traf = onlyChild(source, childrenOf(source, moof), 'traf', moof);
  return readTfdt(source, onlyChild(source, childrenOf(source, traf), 'tfdt', traf));
}

/**
 * Takes the first chunk of a segment, which holds its first sample.
 *
 * @param segment whole boxes
 * @returns everything up to the end of the first mdat; borrowed
 * @throws {MediaError} `bad-cmaf` where the bytes are not boxes
 */
export function firstChunk(segment: Buffer): Buffer {
  const source: BoxSource = { bytes: segment, originBytes: 0 };
  const mdat = readBoxes(source, 0, segment.length).find(({ type }) => type === 'mdat');
  return segment.subarray(0, mdat?.end ?? segment.length);
}

/** TrackFragmentHeaderBox (§8.8.7). */
function readTfhd(source: BoxSource, box: Box, moof: Box, track: FragmentTrack): TrackFragment {
  const fields = new FieldReader(source, box);
  fields.skip(1); // version
  const flags = fields.u24(); // tf_flags
  const trackId = fields.u32(); // track_ID
  if (trackId !== track.trackId)
    throw fields.bad(`track_ID ${trackId}, the init segment's is ${track.trackId}`);
  // default-base-is-moof says moof's first byte; without either flag it is the same for the first (here: only) traf.
  const base =
    (flags & TFHD.baseDataOffset) === 0 ? moof.start : fields.u64('base_data_offset') - source.originBytes;
  if ((flags & TFHD.sampleDescription) !== 0) {
    const description = fields.u32(); // sample_description_index
    if (description !== 1) throw fields.bad(`sample_description_index ${description}, want 1`);
  }
  return {
    base,
    durationTicks: (flags & TFHD.duration) === 0 ? track.defaultDurationTicks : fields.u32(), // default_sample_duration
    sizeBytes: (flags & TFHD.size) === 0 ? track.defaultSizeBytes : fields.u32(), // default_sample_size
    flags: (flags & TFHD.flags) === 0 ? track.defaultFlags : fields.u32(), // default_sample_flags
  };
}

/** TrackFragmentBaseMediaDecodeTimeBox (§8.8.12). */
function readTfdt(source: BoxSource, box: Box): number {
  const fields = new FieldReader(source, box);
  const version = fields.version(1);
  fields.skip(3); // flags
  return version === 1 ? fields.u64('baseMediaDecodeTime') : fields.u32(); // baseMediaDecodeTime
}

/** TrackRunBox (§8.8.8); appends to `samples` and moves the cursor on. */
function readTrun(
  source: BoxSource,
  box: Box,
  mdat: Box,
  track: FragmentTrack,
  fragment: TrackFragment,
  next: Cursor,
  samples: Sample[],
): void {
  const { bytes } = source;
  const fields = new FieldReader(source, box);
  fields.version(1);
  const flags = fields.u24(); // tr_flags
  const count = fields.u32(); // sample_count
  let dataAt = (flags & TRUN.dataOffset) === 0 ? next.dataAt : fragment.base + fields.i32(); // data_offset
  const firstFlags = (flags & TRUN.firstFlags) === 0 ? null : fields.u32(); // first_sample_flags
  const perSample = [TRUN.duration, TRUN.size, TRUN.flags, TRUN.compositionOffset].filter(
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
    if ((flags & TRUN.compositionOffset) !== 0) {
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
        isSync: track.kind === 'audio' || (sampleFlags & NON_SYNC_BIT) === 0,
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
