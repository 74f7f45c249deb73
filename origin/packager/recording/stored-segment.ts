import { badCmaf } from '../../../media/media-error.ts';
import { readFragment } from '../../../media/bmff/fragment-reader.ts';
import { SEGMENT_DURATION_MS, segmentStartMs } from '../../../shared/grid.ts';
import { captionScanOf } from '../cmaf/captions-of.ts';
import { ChunkSplitter } from '../cmaf/chunk-splitter.ts';
import type { TrackInit } from '../media.ts';

/** A closed segment as the index lists it. All of it can be read from its bytes, its init segment and its key. */
export type StoredSegment = {
  /** Id of its rendition: `720p`. */
  readonly rendition: string;
  /** Number on the grid, as in its URL. */
  readonly number: number;
  /** Decode time of its first sample, ticks since the epoch. */
  readonly startTicks: number;
  readonly durationTicks: number;
  readonly timescaleHz: number;
  /** Pictures, or AAC frames. */
  readonly frames: number;
  /** Of the init segment that it belongs to: 12 hex digits. */
  readonly initHash: string;
  readonly sizeBytes: number;
  /** Closed captions in its pictures, by INSTREAM-ID: `CC1`, `SERVICE1`; left out where there are none. */
  readonly captions?: readonly string[];
};

/**
 * Describes a segment for the index, from its bytes.
 *
 * @param bytes all of its parts
 * @param init the init segment that it belongs to
 * @throws {MediaError} `bad-cmaf` where the bytes are no CMAF, or hold no sample
 */
export function describeSegment(
  rendition: string,
  number: number,
  bytes: Buffer,
  init: TrackInit,
): StoredSegment {
  const splitter = new ChunkSplitter();
  splitter.push(init.bytes);
  const captionScan = captionScanOf(init);
  let frames = 0;
  let startTicks = Number.POSITIVE_INFINITY;
  let endTicks = Number.NEGATIVE_INFINITY;
  for (const piece of splitter.push(bytes)) {
    for (const { decodeTicks, durationTicks, data } of readFragment(piece.bytes, init, piece.offsetBytes)) {
      frames += 1;
      captionScan?.take(data);
      startTicks = Math.min(startTicks, decodeTicks);
      endTicks = Math.max(endTicks, decodeTicks + durationTicks);
    }
  }
  splitter.finish();
  if (frames === 0) throw badCmaf('segment', 0, `${rendition}/${number} has no sample`);
  const { timescaleHz, hash } = init;
  const durationTicks = endTicks - startTicks;
  const captions = captionScan?.services ?? [];
  return {
    ...{ rendition, number, startTicks, durationTicks, timescaleHz, frames },
    initHash: hash,
    sizeBytes: bytes.length,
    ...(captions.length === 0 ? {} : { captions }),
  };
}

/** When a segment begins, UTC milliseconds; with a fraction where its timescale has one. */
export function startMsOf({ startTicks, timescaleHz }: StoredSegment): number {
  return (startTicks / timescaleHz) * 1000;
}

/** When a segment ends, UTC milliseconds. */
export function endMsOf({ startTicks, durationTicks, timescaleHz }: StoredSegment): number {
  return ((startTicks + durationTicks) / timescaleHz) * 1000;
}

/**
 * How many D a segment's number counts: 1, or 2 on passthrough channels. A number says when it is on one grid only, so
 * the grid follows from number and time.
 */
export function gridUnitsOf(segment: StoredSegment): number {
  return Math.max(1, Math.round(startMsOf(segment) / (segment.number * SEGMENT_DURATION_MS)));
}

/** Where a segment lies on the grid, UTC milliseconds: whatever its keyframes did, a function of its number. */
export function gridStartMsOf(segment: StoredSegment): number {
  return segmentStartMs(segment.number, gridUnitsOf(segment));
}

/** The init segment that most segments belong to, by its hash; undefined where there are none. */
export function commonInitHash(segments: readonly StoredSegment[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { initHash } of segments) counts.set(initHash, (counts.get(initHash) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}
