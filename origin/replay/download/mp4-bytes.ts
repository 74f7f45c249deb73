import { readInitSegment } from '../../../media/bmff/init-reader.ts';
import { type InitTrack, writeFileHeader } from '../../../media/bmff/init-writer.ts';
import { writeSampleEntry } from '../../../media/bmff/sample-entry-writer.ts';
import { writeSidx } from '../../../media/bmff/sidx.ts';
import type { TrackInit } from '../../packager/media.ts';
import type { FilePlan } from './mp4-plan.ts';

/**
 * Writes the header of a file: ftyp, moov with all tracks, and sidx, which lets players seek.
 *
 * The segments of all tracks of the same time are one reference of sidx, which counts time in the first track's timescale.
 *
 * @param inits in the order of their track_ID in the file, from 1
 * @returns the bytes; owned by the caller
 */
export function writeFileStart(inits: readonly TrackInit[], { entries, durationMs }: FilePlan): Buffer {
  const tracks = inits.map(({ bytes }, index): InitTrack => {
    const { entry, ...track } = readInitSegment(bytes);
    return { ...track, trackId: index + 1, sampleEntry: writeSampleEntry(entry) };
  });
  const timescaleHz = tracks[0]?.timescaleHz ?? 1000;
  const ticks = (timeMs: number): number => Math.round((timeMs / 1000) * timescaleHz);
  const index = writeSidx({
    ...{ referenceId: 1, timescaleHz, earliestPresentationTicks: ticks(entries[0]?.startMs ?? 0) },
    references: entries.map(({ sizeBytes, startMs, durationMs }) => ({
      sizeBytes,
      durationTicks: ticks(startMs + durationMs) - ticks(startMs),
    })),
  });
  return Buffer.concat([writeFileHeader(tracks, durationMs), index]);
}
