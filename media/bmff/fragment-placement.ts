import { badCmaf } from '../media-error.ts';
import { type BoxSource, childrenOf, onlyChild, readBoxes } from './box-reader.ts';
import { FieldReader } from './field-reader.ts';
import { box, u32, u64 } from './box-writer.ts';
import { type FragmentTrack, readFragment } from './fragment-reader.ts';
import { writeFragment } from './fragment-writer.ts';
import type { Sample } from './sample.ts';

/**
 * Moves a segment to another place of a file: another track_ID, and decode times that begin elsewhere. Its size and its
 * samples stay the same.
 *
 * @param segment chunks of one track, with 64-bit decode times; borrowed, not written to
 * @param trackId from 1
 * @param startTicks new decode time of the first sample, ticks
 * @returns a copy; owned by the caller
 * @throws {MediaError} `bad-cmaf` where the bytes are not such chunks
 */
export function placeFragments(segment: Buffer, trackId: number, startTicks: number): Buffer {
  const bytes = Buffer.from(segment);
  const source: BoxSource = { bytes, originBytes: 0 };
  let movedTicks: number | null = null;
  for (const moof of readBoxes(source, 0, bytes.length)) {
    if (moof.type !== 'moof') continue;
    const traf = onlyChild(source, childrenOf(source, moof), 'traf', moof);
    const inTraf = childrenOf(source, traf);
    const tfhd = new FieldReader(source, onlyChild(source, inTraf, 'tfhd', traf));
    tfhd.skip(4); // version, flags
    u32(trackId).copy(tfhd.bytes(4)); // track_ID (ISO/IEC 14496-12 §8.8.7)
    const tfdtBox = onlyChild(source, inTraf, 'tfdt', traf);
    const tfdt = new FieldReader(source, tfdtBox);
    if (tfdt.u8() !== 1) throw tfdt.bad('want version 1, with 64 bits');
    tfdt.skip(3); // flags
    const { at } = tfdt;
    const ticks = tfdt.u64('baseMediaDecodeTime');
    movedTicks ??= ticks - startTicks;
    if (ticks < movedTicks) throw badCmaf('tfdt', tfdtBox.start, `time ${ticks} is before the first chunk's`);
    u64(ticks - movedTicks).copy(bytes, at); // baseMediaDecodeTime (§8.8.12)
  }
  return bytes;
}

/** Where a segment goes in a file whose track has several sample entries. */
export type DescribedPlace = {
  /** From 1. */
  readonly trackId: number;
  /** Decode time of its first sample, ticks of the track in the file. */
  readonly startTicks: number;
  /** Place of its sample entry in stsd, from 1. */
  readonly sampleDescription: number;
  /** Ticks a second: its own, and those of the track in the file. */
  readonly fromHz: number;
  readonly toHz: number;
};

/** A box header: the least that can be filled. */
const FREE_BYTES = 8;
/** sample_description_index of a chunk; a chunk has one sample at least. */
const DESCRIPTION_BYTES = 4;
/** sample_duration, where times that were equal are not after they have been rounded. */
const DURATION_BYTES = 4;

/** How large a segment is in a file at another sample entry: known from the number of its samples alone, without its bytes. */
export function describedSize(
  segment: { readonly sizeBytes: number; readonly frames: number; readonly timescaleHz: number },
  toHz: number,
): number {
  const { sizeBytes, frames, timescaleHz } = segment;
  const ofSample = DESCRIPTION_BYTES + (timescaleHz === toHz ? 0 : DURATION_BYTES);
  return sizeBytes + frames * ofSample + FREE_BYTES;
}

/**
 * Moves a segment to a file in which its sample entry is not the default one: each chunk names it (sample_description_index,
 * ISO/IEC 14496-12 §8.8.7), and its times are those of the track there.
 *
 * @param segment chunks of one track; borrowed
 * @param track the track as its own init segment has it
 * @param sizeBytes see {@link describedSize}; what is not needed is left free (§8.1.2)
 * @returns a copy of exactly that size; owned by the caller
 * @throws {MediaError} `bad-cmaf` where the bytes are not such chunks, or do not fit
 */
export function placeDescribed(
  segment: Buffer,
  track: FragmentTrack,
  place: DescribedPlace,
  sizeBytes: number,
): Buffer {
  const source: BoxSource = { bytes: segment, originBytes: 0 };
  const { trackId, startTicks, sampleDescription, fromHz, toHz } = place;
  const chunks: Buffer[] = [];
  let firstTicks: number | null = null;
  let moofAt = 0;
  for (const { type, start, end } of readBoxes(source, 0, segment.length)) {
    if (type === 'moof') moofAt = start;
    if (type !== 'mdat') continue;
    const samples = readFragment(segment.subarray(moofAt, end), track, moofAt);
    firstTicks ??= samples[0]?.decodeTicks ?? null;
    const from = firstTicks ?? 0;
    const moved = (ticks: number): number => startTicks + Math.round(((ticks - from) / fromHz) * toHz);
    const placed = samples.map((sample): Sample => {
      const decodeTicks = moved(sample.decodeTicks);
      const durationTicks = moved(sample.decodeTicks + sample.durationTicks) - decodeTicks;
      const compositionOffsetTicks = Math.round((sample.compositionOffsetTicks / fromHz) * toHz);
      return { ...sample, decodeTicks, durationTicks, compositionOffsetTicks };
    });
    chunks.push(
      writeFragment({ trackId, sequenceNumber: chunks.length + 1, samples: placed, sampleDescription }),
    );
  }
  const freeBytes = sizeBytes - chunks.reduce((sum, { length }) => sum + length, 0);
  if (freeBytes < FREE_BYTES)
    throw badCmaf('moof', 0, `${FREE_BYTES - freeBytes} bytes more than were reserved`);
  return Buffer.concat([...chunks, box('free', [Buffer.alloc(freeBytes - FREE_BYTES)])]);
}
