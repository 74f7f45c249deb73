import { childrenOf, onlyChild, readBox } from '../../../media/bmff/box-reader.ts';
import { FieldReader } from '../../../media/bmff/field-reader.ts';
import type { FragmentTrack } from '../../../media/bmff/fragment-reader.ts';
import type { Sample } from '../../../media/bmff/sample.ts';

/** A video track whose init segment has no sample defaults. */
export const VIDEO_TRACK: FragmentTrack = {
  ...{ kind: 'video', trackId: 1 },
  ...{ defaultDurationTicks: 0, defaultSizeBytes: 0, defaultFlags: 0 },
};
/** An audio track likewise. */
export const AUDIO_TRACK: FragmentTrack = { ...VIDEO_TRACK, kind: 'audio' };

/** A sample that is told apart by its data. */
export function sample(
  decodeTicks: number,
  durationTicks: number,
  isSync = false,
  data: Buffer = Buffer.from(`sample at ${decodeTicks}`),
): Sample {
  return { decodeTicks, durationTicks, compositionOffsetTicks: 0, isSync, data };
}

/**
 * Video frames at a constant rate.
 *
 * @param firstTicks decode time of the first; every `gop` frames from there is a sync sample
 */
export function frames(firstTicks: number, count: number, frameTicks: number, gop = 40): Sample[] {
  return Array.from({ length: count }, (_, i) =>
    sample(firstTicks + i * frameTicks, frameTicks, i % gop === 0),
  );
}

/** The sequence_number of a chunk (ISO/IEC 14496-12 §8.8.5). */
export function sequenceNumberOf(chunk: Buffer): number {
  const source = { bytes: chunk, originBytes: 0 };
  const moof = readBox(source, 0, chunk.length);
  const fields = new FieldReader(source, onlyChild(source, childrenOf(source, moof), 'mfhd', moof));
  fields.skip(4); // version, flags
  return fields.u32();
}
