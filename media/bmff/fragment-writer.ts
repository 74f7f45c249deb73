import { badCmaf } from '../media-error.ts';
import { NON_SYNC_SAMPLE_FLAGS, type Sample, SYNC_SAMPLE_FLAGS, TFHD, TRUN } from './sample.ts';

/** What one chunk is written from. */
export type FragmentContent = {
  readonly trackId: number;
  /** mfhd's number, 0 to 2^32 - 1. */
  readonly sequenceNumber: number;
  /** At least one; each begins where the one before it ends. */
  readonly samples: readonly Sample[];
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
export function writeFragment({ trackId, sequenceNumber, samples }: FragmentContent): Buffer {
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
  const tfhdBytes = 16 + (sameDuration ? 4 : 0) + (sameSize ? 4 : 0) + (sameSyncAfterFirst ? 4 : 0);
  const trunBytes = 20 + (hasFirstFlags ? 4 : 0) + samples.length * perSampleBytes;
  const trafBytes = 8 + tfhdBytes + 20 + trunBytes;
  const moofBytes = 8 + 16 + trafBytes;
  // Not from Node's shared pool: chunks live for minutes and would hold whole slabs in memory.
  const out = Buffer.allocUnsafeSlow(moofBytes + 8 + mediaBytes);
  let at = 0;
  const u32 = (value: number): void => {
    at = out.writeUInt32BE(value, at);
  };
  const u64 = (value: number): void => {
    u32(Math.floor(value / 2 ** 32));
    u32(value % 2 ** 32);
  };
  const header = (sizeBytes: number, type: string): void => {
    u32(sizeBytes);
    at += out.write(type, at, 4, 'latin1');
  };

  header(moofBytes, 'moof'); // §8.8.4
  header(16, 'mfhd'); // §8.8.5
  u32(0); // version, flags
  u32(sequenceNumber); // sequence_number
  header(trafBytes, 'traf'); // §8.8.6
  header(tfhdBytes, 'tfhd'); // §8.8.7
  // version 0, tf_flags: the defaults that hold for all samples
  u32(
    TFHD.baseIsMoof |
      (sameDuration ? TFHD.duration : 0) |
      (sameSize ? TFHD.size : 0) |
      (sameSyncAfterFirst ? TFHD.flags : 0),
  );
  u32(trackId); // track_ID
  if (sameDuration) u32(first.durationTicks); // default_sample_duration
  if (sameSize) u32(first.data.length); // default_sample_size
  if (sameSyncAfterFirst) u32(last.isSync ? SYNC_SAMPLE_FLAGS : NON_SYNC_SAMPLE_FLAGS); // default_sample_flags
  header(20, 'tfdt'); // §8.8.12
  u32(0x1000000); // version 1, flags
  u64(first.decodeTicks); // baseMediaDecodeTime
  header(trunBytes, 'trun'); // §8.8.8
  u32(
    0x1000000 | // version 1: composition offsets are signed; tr_flags
      TRUN.dataOffset |
      (hasFirstFlags ? TRUN.firstFlags : 0) |
      (sameDuration ? 0 : TRUN.duration) |
      (sameSize ? 0 : TRUN.size) |
      (sameSyncAfterFirst ? 0 : TRUN.flags) |
      (hasComposition ? TRUN.compositionOffset : 0),
  );
  u32(samples.length); // sample_count
  u32(moofBytes + 8); // data_offset
  if (hasFirstFlags) u32(first.isSync ? SYNC_SAMPLE_FLAGS : NON_SYNC_SAMPLE_FLAGS); // first_sample_flags
  for (const sample of samples) {
    if (!sameDuration) u32(sample.durationTicks); // sample_duration
    if (!sameSize) u32(sample.data.length); // sample_size
    if (!sameSyncAfterFirst) u32(sample.isSync ? SYNC_SAMPLE_FLAGS : NON_SYNC_SAMPLE_FLAGS); // sample_flags
    if (hasComposition) at = out.writeInt32BE(sample.compositionOffsetTicks, at); // sample_composition_time_offset
  }
  header(8 + mediaBytes, 'mdat'); // §8.1.1
  for (const sample of samples) {
    out.set(sample.data, at);
    at += sample.data.length;
  }
  return out;
}
