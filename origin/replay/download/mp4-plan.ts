import type { TrackInit } from '../../packager/media.ts';
import { followsOn, type GridSlot, gridSlots } from '../../packager/recording/grid-slots.ts';
import { endMsOf, startMsOf, type StoredSegment } from '../../packager/recording/stored-segment.ts';

/** One track of a file: its init segment, and what is kept of its rendition in order. */
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

/** What a player may jump to: one segment's time of all tracks (a reference of sidx). */
export type FileEntry = {
  readonly sizeBytes: number;
  /** In the file, milliseconds. */
  readonly startMs: number;
  readonly durationMs: number;
};

/** A file, before a byte of it is read: where everything is going to stand. */
export type FilePlan = {
  readonly pieces: readonly FilePiece[];
  readonly entries: readonly FileEntry[];
  /** All pieces together. */
  readonly sizeBytes: number;
  readonly durationMs: number;
};

/**
 * Lays the segments of some tracks one behind the other, so that the file's size and every place in it are known from the
 * index alone. What was not on air takes no time.
 *
 * @param tracks in the order of their track_ID; segments of the same stretch of time
 */
export function planFile(tracks: readonly FileTrack[]): FilePlan {
  const pieces: FilePiece[] = [];
  const entries: FileEntry[] = [];
  let offsetBytes = 0;
  const trackIds = new Map(tracks.map(({ segments }, index) => [segments[0]?.rendition, index + 1]));
  let before: GridSlot | undefined;
  /** Where the present stretch begins, on air and in the file; milliseconds. */
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
      // Each stretch is moved as a whole, by the same time for all tracks.
      const movedTicks =
        Math.round((airedMs / 1000) * timescaleHz) - Math.round((startMs / 1000) * timescaleHz);
      const atTicks = Math.max(0, startTicks - movedTicks);
      pieces.push({ segment, trackId: trackIds.get(rendition) ?? 1, startTicks: atTicks, offsetBytes });
      offsetBytes += sizeBytes;
      entryMs = Math.min(entryMs, (atTicks / timescaleHz) * 1000);
      endMs = Math.max(endMs, startMs + endMsOf(segment) - airedMs);
    }
    entries.push({ sizeBytes: offsetBytes - entryBytes, startMs: entryMs, durationMs: 0 });
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
