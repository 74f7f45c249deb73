import type { TrackInit } from '../../packager/media.ts';
import { followsOn, type GridSlot, gridSlots } from '../../packager/recording/grid-slots.ts';
import { endMsOf, startMsOf, type StoredSegment } from '../../packager/recording/stored-segment.ts';

/** One track of a file: its init segment, and the stored segments of its rendition in order. */
export type FileTrack = {
  readonly init: TrackInit;
  readonly segments: readonly StoredSegment[];
};

/** A segment's place in a file. */
export type FilePiece = {
  readonly segment: StoredSegment;
  /** track_ID in the file, from 1. */
  readonly trackId: number;
  /** Decode time of its first sample in the file, ticks. */
  readonly startTicks: number;
  /** Its first byte, counted from the end of the header. */
  readonly offsetBytes: number;
};

/** A position that a player can seek to: the segments of all tracks of the same time (a reference of sidx). */
export type FileEntry = {
  readonly sizeBytes: number;
  /** In the file, milliseconds. */
  readonly startMs: number;
  readonly durationMs: number;
};

/** The layout of a file: the positions of all segments, computed before any byte is read. */
export type FilePlan = {
  readonly pieces: readonly FilePiece[];
  readonly entries: readonly FileEntry[];
  /** Size of all segments together. */
  readonly sizeBytes: number;
  readonly durationMs: number;
};

/** Slots that are placed in one step: about a millisecond. */
const SLOTS_AT_ONCE = 1000;

/**
 * Places the segments of some tracks one behind the other, so that the file's size and every position in it are known from the
 * index alone. Times without media are left out.
 *
 * @param tracks in the order of their track_ID; segments of the same stretch of time
 * @returns steps, and at last the plan
 */
export function* planFile(tracks: readonly FileTrack[]): Generator<void, FilePlan, undefined> {
  const pieces: FilePiece[] = [];
  const entries: FileEntry[] = [];
  let offsetBytes = 0;
  const trackIds = new Map(tracks.map(({ segments }, index) => [segments[0]?.rendition, index + 1]));
  let before: GridSlot | undefined;
  /** Start of the current stretch, on air and in the file; milliseconds. */
  let airedMs = 0;
  let startMs = 0;
  let endMs = 0;
  for (const slot of gridSlots(tracks.flatMap(({ segments }) => segments))) {
    if (before === undefined || !followsOn(before, slot)) {
      airedMs = Math.min(...[...slot.byRendition.values()].map(startMsOf));
      startMs = endMs;
    }
    before = slot;
    const entryBytes = offsetBytes;
    let entryMs = Number.POSITIVE_INFINITY;
    for (const [rendition, segment] of slot.byRendition) {
      const { timescaleHz, startTicks, sizeBytes } = segment;
      // A stretch is shifted as a whole, by the same time for all tracks.
      const movedTicks =
        Math.round((airedMs / 1000) * timescaleHz) - Math.round((startMs / 1000) * timescaleHz);
      const atTicks = Math.max(0, startTicks - movedTicks);
      pieces.push({ segment, trackId: trackIds.get(rendition) ?? 1, startTicks: atTicks, offsetBytes });
      offsetBytes += sizeBytes;
      entryMs = Math.min(entryMs, (atTicks / timescaleHz) * 1000);
      endMs = Math.max(endMs, startMs + endMsOf(segment) - airedMs);
    }
    entries.push({ sizeBytes: offsetBytes - entryBytes, startMs: entryMs, durationMs: 0 });
    if (entries.length % SLOTS_AT_ONCE === 0) yield;
  }
  return {
    pieces,
    entries: entries.map((entry, i) => ({
      ...entry,
      durationMs: (entries[i + 1]?.startMs ?? endMs) - entry.startMs,
    })),
    sizeBytes: offsetBytes,
    durationMs: endMs,
  };
}
