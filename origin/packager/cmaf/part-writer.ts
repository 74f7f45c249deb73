import type { Sample, TrackInit } from '../media.ts';
import { badCmaf } from './cmaf-error.ts';

/** What one part is written from. */
export type PartContent = {
  readonly init: TrackInit;
  /** mfhd's number, 0 to 2^32 - 1. */
  readonly sequenceNumber: number;
  /** At least one; each begins where the one before it ends. */
  readonly samples: readonly Sample[];
};

/** sample_depends_on 2: an I picture, or sound (ISO/IEC 14496-12 §8.8.3.1). */
const SYNC_FLAGS = 0x2000000;
/** sample_depends_on 1, sample_is_non_sync_sample. */
const NON_SYNC_FLAGS = 0x1010000;

/**
 * Writes a part: one CMAF chunk (ISO/IEC 23000-19 §7.3.2.3) of moof and mdat, with only the fields that vary.
 *
 * The same content gives the same bytes. There is no styp: it is optional in CMAF and DASH, parts follow each other in
 * one segment, and no player needs it. There is no prft: a part must come to the same bytes after a restart. Nothing is left to the defaults of trex.
 *
 * @returns the bytes, in one allocation of their own; owned by the caller
 * @throws {CmafError} `bad-cmaf` for no samples, or samples with time between them
 */
export function writePart(content: PartContent): Buffer {
  const { init, samples } = content;
  const first = samples[0];
  if (first === undefined) throw badCmaf('moof', 0, 'a part without samples');
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
  // Not from Node's shared pool: parts live for minutes and would keep whole slabs alive.
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

  header(moofBytes, 'moof');
  header(16, 'mfhd');
  u32(0); // version, flags
  u32(content.sequenceNumber); // sequence_number
  header(trafBytes, 'traf');
  header(tfhdBytes, 'tfhd');
  // default-base-is-moof, and those of default duration, size and flags that hold for all samples
  u32(0x20000 | (sameDuration ? 0x8 : 0) | (sameSize ? 0x10 : 0) | (sameSyncAfterFirst ? 0x20 : 0));
  u32(init.trackId); // track_ID
  if (sameDuration) u32(first.durationTicks); // default_sample_duration
  if (sameSize) u32(first.data.length); // default_sample_size
  if (sameSyncAfterFirst) u32(last.isSync ? SYNC_FLAGS : NON_SYNC_FLAGS); // default_sample_flags
  header(20, 'tfdt');
  u32(0x1000000); // version 1, flags
  u64(first.decodeTicks); // baseMediaDecodeTime
  header(trunBytes, 'trun');
  u32(
    0x1000001 | // version 1: signed composition offsets; data-offset-present
      (hasFirstFlags ? 0x4 : 0) |
      (sameDuration ? 0 : 0x100) |
      (sameSize ? 0 : 0x200) |
      (sameSyncAfterFirst ? 0 : 0x400) |
      (hasComposition ? 0x800 : 0),
  );
  u32(samples.length); // sample_count
  u32(moofBytes + 8); // data_offset
  if (hasFirstFlags) u32(first.isSync ? SYNC_FLAGS : NON_SYNC_FLAGS); // first_sample_flags
  for (const sample of samples) {
    if (!sameDuration) u32(sample.durationTicks); // sample_duration
    if (!sameSize) u32(sample.data.length); // sample_size
    if (!sameSyncAfterFirst) u32(sample.isSync ? SYNC_FLAGS : NON_SYNC_FLAGS); // sample_flags
    if (hasComposition) at = out.writeInt32BE(sample.compositionOffsetTicks, at); // sample_composition_time_offset
  }
  header(8 + mediaBytes, 'mdat');
  for (const sample of samples) {
    out.set(sample.data, at);
    at += sample.data.length;
  }
  return out;
}
