import { fullBox, u16, u32, u64 } from './box-writer.ts';

/** One stretch of a file that a player may jump to. It begins with a sync sample. */
export type SegmentReference = {
  readonly sizeBytes: number;
  readonly durationTicks: number;
};

/** What a segment index says. */
export type SegmentIndex = {
  /** track_ID whose time it counts in. */
  readonly referenceId: number;
  readonly timescaleHz: number;
  readonly earliestPresentationTicks: number;
  /** In the order of the bytes behind the box. Those past 65,535 are left out: a player jumps as far as the index goes. */
  readonly references: readonly SegmentReference[];
};

/** reference_count has 16 bits. */
const MAX_REFERENCES = 65_535;
/** starts_with_SAP 1, SAP_type 1, SAP_delta_time 0. */
const STARTS_WITH_SYNC_SAMPLE = 0x90000000;

/** Writes a SegmentIndexBox whose references are media that follows the box at once (ISO/IEC 14496-12 §8.16.3). */
export function writeSidx(index: SegmentIndex): Buffer {
  const references = index.references.slice(0, MAX_REFERENCES);
  return fullBox('sidx', 1, 0, [
    ...[u32(index.referenceId), u32(index.timescaleHz)], // reference_ID, timescale
    ...[u64(index.earliestPresentationTicks), u64(0)], // earliest_presentation_time, first_offset
    ...[u16(0), u16(references.length)], // reserved, reference_count
    ...references.flatMap(({ sizeBytes, durationTicks }) => [
      u32(sizeBytes), // reference_type 0 (media), referenced_size
      u32(durationTicks), // subsegment_duration
      u32(STARTS_WITH_SYNC_SAMPLE),
    ]),
  ]);
}
