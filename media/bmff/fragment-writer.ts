import { badCmaf } from '../media-error.ts';
import { NON_SYNC_SAMPLE_FLAGS, type Sample, SYNC_SAMPLE_FLAGS, TFHD, TRUN } from './sample.ts';

/** What one chunk is written from. */
export type FragmentContent = {
  readonly trackId: number;
  /** mfhd's number, 0 to 2^32 - 1. */
  readonly sequenceNumber: number;
  /** At least one; each begins where the one before it ends. */
  readonly samples: readonly Sample[];
  /** Place of its sample entry in stsd, from 1; the default of trex when left out. */
  readonly sampleDescription?: number;
};

/**
 * Writes a chunk: moof and mdat with one track and one run (ISO/IEC 14496-12 §8.8; CMAF chunk, ISO/IEC 23000-19 §7.3.2.3).
 *
 * The same content gives the same bytes. Only the fields that vary stand with each sample, and nothing is left to the
 * defaults of trex.
 *
 * @returns the bytes, in one allocation of their own; owned by the caller
 * @throws {MediaError} `bad-cmaf` for no samples, or samples with time between them
 */
export function writeFragment({
  trackId,
  sequenceNumber,
  samples,
  sampleDescription,
}: FragmentContent): Buffer {
  const first = samples[0];
  if (first === undefined) throw badCmaf('moof', 0, 'a chunk without samples');
  const last = samples[samples.length - 1] ?? first;
  let mediaBytes = 0;
  let sameDuration = true;
  let sameSize = true;
  let sameSyncAfterFirst = true;
  let hasComposition = false;
  let ticks = first.decodeTicks;
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i] ?? first;
    if (sample.decodeTicks !== ticks) {
      throw badCmaf('trun', 0, `sample ${i} at ${sample.decodeTicks}, the one before it ends at ${ticks}`);
    }
    ticks += sample.durationTicks;
    mediaBytes += sample.data.length;
    sameDuration &&= sample.durationTicks === first.durationTicks;
    sameSize &&= sample.data.length === first.data.length;
    sameSyncAfterFirst &&= i === 0 || sample.isSync === last.isSync;
    hasComposition ||= sample.compositionOffsetTicks !== 0;
  }
  const hasFirstFlags = sameSyncAfterFirst && first.isSync !== last.isSync;
  const perSampleBytes =
    (sameDuration ? 0 : 4) + (sameSize ? 0 : 4) + (sameSyncAfterFirst ? 0 : 4) + (hasComposition ? 4 : 0);
  const hasDescription = sampleDescription !== undefined;
  const tfhdBytes =
    16 +
    (hasDescription ? 4 : 0) +
    (sameDuration ? 4 : 0) +
    (sameSize ? 4 : 0) +
    (sameSyncAfterFirst ? 4 : 0);
  const trunBytes = 20 + (hasFirstFlags ? 4 : 0) + samples.length * perSampleBytes;
  const trafBytes = 8 + tfhdBytes + 20 + trunBytes;
  const moofBytes = 8 + 16 + trafBytes;
  // Not from Node's shared pool: chunks live for minutes and would hold whole slabs in memory.
  const out = Buffer.allocUnsafeSlow(moofBytes + 8 + mediaBytes);
  const to = new Cursor(out);

  to.header(moofBytes, 'moof'); // §8.8.4
  to.header(16, 'mfhd'); // §8.8.5
  to.u32(0); // version, flags
  to.u32(sequenceNumber); // sequence_number
  to.header(trafBytes, 'traf'); // §8.8.6
  to.header(tfhdBytes, 'tfhd'); // §8.8.7
  // version 0, tf_flags: the defaults that hold for all samples
  to.u32(
    TFHD.baseIsMoof |
      (hasDescription ? TFHD.sampleDescription : 0) |
      (sameDuration ? TFHD.duration : 0) |
      (sameSize ? TFHD.size : 0) |
      (sameSyncAfterFirst ? TFHD.flags : 0),
  );
  to.u32(trackId); // track_ID
  if (hasDescription) to.u32(sampleDescription); // sample_description_index
  if (sameDuration) to.u32(first.durationTicks); // default_sample_duration
  if (sameSize) to.u32(first.data.length); // default_sample_size
  if (sameSyncAfterFirst) to.u32(last.isSync ? SYNC_SAMPLE_FLAGS : NON_SYNC_SAMPLE_FLAGS); // default_sample_flags
  to.header(20, 'tfdt'); // §8.8.12
  to.u32(0x1000000); // version 1, flags
  to.u64(first.decodeTicks); // baseMediaDecodeTime
  to.header(trunBytes, 'trun'); // §8.8.8
  to.u32(
    0x1000000 | // version 1: composition offsets are signed; tr_flags
      TRUN.dataOffset |
      (hasFirstFlags ? TRUN.firstFlags : 0) |
      (sameDuration ? 0 : TRUN.duration) |
      (sameSize ? 0 : TRUN.size) |
      (sameSyncAfterFirst ? 0 : TRUN.flags) |
      (hasComposition ? TRUN.compositionOffset : 0),
  );
  to.u32(samples.length); // sample_count
  to.u32(moofBytes + 8); // data_offset
  if (hasFirstFlags) to.u32(first.isSync ? SYNC_SAMPLE_FLAGS : NON_SYNC_SAMPLE_FLAGS); // first_sample_flags
  for (const sample of samples) {
    if (!sameDuration) to.u32(sample.durationTicks); // sample_duration
    if (!sameSize) to.u32(sample.data.length); // sample_size
    if (!sameSyncAfterFirst) to.u32(sample.isSync ? SYNC_SAMPLE_FLAGS : NON_SYNC_SAMPLE_FLAGS); // sample_flags
    if (hasComposition) to.i32(sample.compositionOffsetTicks); // sample_composition_time_offset
  }
  to.header(8 + mediaBytes, 'mdat'); // §8.1.1
  for (const sample of samples) to.bytes(sample.data);
  return out;
}

/** Writes fields one behind the other. A class and not closures: fragments are written a hundred times a second. */
class Cursor {
  readonly #out: Buffer;
  #at = 0;

  constructor(out: Buffer) {
    this.#out = out;
  }

  u32(value: number): void {
    this.#at = this.#out.writeUInt32BE(value, this.#at);
  }

  i32(value: number): void {
    this.#at = this.#out.writeInt32BE(value, this.#at);
  }

  u64(value: number): void {
    this.u32(Math.floor(value / 2 ** 32));
    this.u32(value % 2 ** 32);
  }

  header(sizeBytes: number, type: string): void {
    this.u32(sizeBytes);
    for (let i = 0; i < 4; i++) this.#out[this.#at + i] = type.charCodeAt(i);
    this.#at += 4;
  }

  bytes(bytes: Buffer): void {
    this.#out.set(bytes, this.#at);
    this.#at += bytes.length;
  }
}
