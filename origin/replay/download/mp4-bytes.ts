import { placeDescribed, placeFragments } from '../../../media/bmff/fragment-placement.ts';
import { readInitSegment } from '../../../media/bmff/init-reader.ts';
import { type FileTrackHeader, writeFileHeader } from '../../../media/bmff/init-writer.ts';
import { writeSampleEntry } from '../../../media/bmff/sample-entry-writer.ts';
import { writeSidx } from '../../../media/bmff/sidx.ts';
import type { FilePiece, FilePlan, FileTrack } from './mp4-plan.ts';

/**
 * Writes the header of a file: ftyp, moov with all tracks, and sidx, which lets players seek.
 *
 * A track has a sample entry for each of its init segments, and is as large on screen as the largest of them: pictures that
 * changed their shape are described as they are. The segments of all tracks of the same time are one reference of sidx, which
 * counts time in the first track's timescale.
 *
 * @param tracks in the order of their track_ID in the file, from 1
 * @returns the bytes; owned by the caller
 */
export function writeFileStart(tracks: readonly FileTrack[], plan: FilePlan): Buffer {
  const headers = tracks.map((track, index) => headerOf(track, index + 1, plan.trackEndTicks[index] ?? 0));
  const { entries, durationMs } = plan;
  const timescaleHz = headers[0]?.timescaleHz ?? 1000;
  const ticks = (timeMs: number): number => Math.round((timeMs / 1000) * timescaleHz);
  const index = writeSidx({
    ...{ referenceId: 1, timescaleHz, earliestPresentationTicks: ticks(entries[0]?.startMs ?? 0) },
    references: entries.map(({ sizeBytes, startMs, durationMs: lastsMs }) => ({
      sizeBytes,
      durationTicks: ticks(startMs + lastsMs) - ticks(startMs),
    })),
  });
  return Buffer.concat([writeFileHeader(headers, durationMs), index]);
}

/**
 * The bytes of a piece of a file.
 *
 * @param stored the segment as it is stored; borrowed
 * @returns a copy of the size that the plan has
 * @throws {MediaError} `bad-cmaf` where the bytes are no segment
 */
export function pieceBytes(stored: Buffer, piece: FilePiece): Buffer {
  const { segment, trackId, startTicks, sampleDescription, trackHz, init, sizeBytes } = piece;
  if (sizeBytes === segment.sizeBytes) return placeFragments(stored, trackId, startTicks);
  const place = { trackId, startTicks, sampleDescription, fromHz: segment.timescaleHz, toHz: trackHz };
  return placeDescribed(stored, init, place, sizeBytes);
}

function headerOf({ inits }: FileTrack, trackId: number, durationTicks: number): FileTrackHeader {
  const [first, ...others] = inits;
  const { entry, ...track } = readInitSegment(first.bytes);
  const more = others.map(({ bytes }) => readInitSegment(bytes));
  return {
    ...{ kind: track.kind, timescaleHz: track.timescaleHz, trackId, durationTicks },
    displayWidth: Math.max(track.displayWidth, ...more.map(({ displayWidth }) => displayWidth)),
    displayHeight: Math.max(track.displayHeight, ...more.map(({ displayHeight }) => displayHeight)),
    sampleEntry: writeSampleEntry(entry),
    moreEntries: more.map((init) => writeSampleEntry(init.entry)),
  };
}
