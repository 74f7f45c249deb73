import { describedSize } from '../../../media/bmff/fragment-placement.ts';
import type { TrackInit } from '../../packager/media.ts';
import { followsOn, type GridSlot, gridSlots } from '../../packager/recording/grid-slots.ts';
import { renditionOfStored } from '../../packager/recording/late-rendition.ts';
import { endMsOf, startMsOf, type StoredSegment } from '../../packager/recording/stored-segment.ts';

/** One track of a file: its init segments, and the stored segments of its rendition in order. */
export type FileTrack = {
  /** In the order of their first use; each is a sample entry of the file. The track has the timescale of the first. */
  readonly inits: readonly [TrackInit, ...TrackInit[]];
  readonly segments: readonly StoredSegment[];
};

/** A segment's place in a file. */
export type FilePiece = {
  readonly segment: StoredSegment;
  /** track_ID in the file, from 1. */
  readonly trackId: number;
  /** Decode time of its first sample in the file, ticks of the track. */
  readonly startTicks: number;
  /** Ticks a second of the track. */
  readonly trackHz: number;
  /** The init segment that describes it, and its place among the track's sample entries, from 1. */
  readonly init: TrackInit;
  readonly sampleDescription: number;
  /** Its size in the file. */
  readonly sizeBytes: number;
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
  /** End of the last sample of each track, ticks of the track. */
  readonly trackEndTicks: readonly number[];
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
  const byRendition = new Map(
    tracks.map((track, index) => {
      const [first] = track.segments;
      return [first && renditionOfStored(first), { track, trackId: index + 1 }];
    }),
  );
  const trackEndTicks = tracks.map(() => 0);
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
      const own = byRendition.get(rendition);
      if (own === undefined) continue;
      const piece = place(segment, own, { airedMs, startMs, offsetBytes });
      pieces.push(piece);
      offsetBytes += piece.sizeBytes;
      const atTicks = piece.startTicks;
      const endTicks = atTicks + Math.round((segment.durationTicks / segment.timescaleHz) * piece.trackHz);
      const index = own.trackId - 1;
      trackEndTicks[index] = Math.max(trackEndTicks[index] ?? 0, endTicks);
      entryMs = Math.min(entryMs, (atTicks / piece.trackHz) * 1000);
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
    trackEndTicks,
  };
}

function place(
  segment: StoredSegment,
  { track, trackId }: { readonly track: FileTrack; readonly trackId: number },
  at: { readonly airedMs: number; readonly startMs: number; readonly offsetBytes: number },
): FilePiece {
  const { inits } = track;
  const trackHz = inits[0].timescaleHz;
  const ticks = (timeMs: number): number => Math.round((timeMs / 1000) * trackHz);
  const airedTicks = Math.round((segment.startTicks / segment.timescaleHz) * trackHz);
  // A stretch is shifted as a whole, by the same time for all tracks.
  const startTicks = Math.max(0, airedTicks - ticks(at.airedMs) + ticks(at.startMs));
  const found = inits.findIndex(({ hash }) => hash === segment.initHash);
  // Without its own init segment it is decoded with the first.
  const init = inits[found] ?? inits[0];
  const isFirst = found <= 0 && segment.timescaleHz === trackHz;
  return {
    ...{ segment, trackId, startTicks, trackHz, init, offsetBytes: at.offsetBytes },
    sampleDescription: Math.max(0, found) + 1,
    sizeBytes: isFirst ? segment.sizeBytes : describedSize(segment, trackHz),
  };
}
