import { createHash } from 'node:crypto';
import { readInitSegment } from '../../../media/bmff/init-reader.ts';
import { writeInitSegment } from '../../../media/bmff/init-writer.ts';
import type { VideoEntry } from '../../../media/bmff/sample-entry.ts';
import { writeSampleEntry } from '../../../media/bmff/sample-entry-writer.ts';
import { badCmaf } from '../../../media/media-error.ts';
import type { TrackInit } from '../media.ts';
import { parameterSetsOf } from './parameter-sets.ts';

/** Above this, the ticks of a few decades since 1970 would no longer be exact in a number. */
const MAX_TIMESCALE_HZ = 1_000_000;

/**
 * Reads a CMAF header of exactly one track (ISO/IEC 23000-19 §7.3.1) and writes the one that is served.
 *
 * The served bytes are written anew from what a decoder needs (codec configuration, pixel shape, colours, timescale,
 * sizes, track id), because twins and restarts must come to the same bytes and so to the same URL: creation times,
 * durations, bit rates and the muxer's name differ between them, and an edit list would move one rendition against
 * the others although tfdt already carries the true time. Sample defaults are taken from trex here and stand in each
 * fragment there.
 *
 * @param bytes ftyp to moov; copied, not retained
 * @param originBytes where they stood in their stream, for messages
 * @throws {MediaError} `bad-cmaf` (400): not one track, a codec that is not served, or a timescale off the grid
 */
export function parseInit(bytes: Buffer, originBytes = 0): TrackInit {
  const { entry, displayWidth, displayHeight, ...track } = readInitSegment(bytes, originBytes);
  const { kind, timescaleHz, trackId } = track;
  if (timescaleHz % 5 !== 0) {
    throw badCmaf(
      'init segment',
      originBytes,
      `timescale ${timescaleHz}, want a multiple of 5 (segments of 1.6 s)`,
    );
  }
  if (timescaleHz > MAX_TIMESCALE_HZ) {
    throw badCmaf('init segment', originBytes, `timescale ${timescaleHz}, want at most ${MAX_TIMESCALE_HZ}`);
  }
  const parameterSets = entry.kind === 'video' ? parameterSetsOf(entry) : null;
  const sampleEntry = writeSampleEntry(entry);
  const served = writeInitSegment({ kind, timescaleHz, trackId, displayWidth, displayHeight, sampleEntry });
  return {
    ...track,
    codec: entry.codec,
    widthPx: entry.kind === 'video' ? entry.widthPx : 0,
    heightPx: entry.kind === 'video' ? entry.heightPx : 0,
    ...(entry.kind === 'video' ? pixelAspectOf(entry) : {}),
    sampleRateHz: entry.kind === 'audio' ? entry.aac.coreSampleRateHz : 0,
    // Where even the program_config_element does not tell, the sample entry does.
    channels: entry.kind === 'audio' ? entry.aac.coreChannels || entry.channelCount : 0,
    ...(parameterSets === null ? {} : { parameterSets }),
    bytes: served,
    hash: createHash('sha256').update(served).digest('hex').slice(0, 12),
  };
}

function pixelAspectOf({ pixelAspectRatio }: VideoEntry): Pick<TrackInit, 'pixelAspect'> {
  if (pixelAspectRatio === null) return {};
  const { horizontal, vertical } = pixelAspectRatio;
  return horizontal === vertical || horizontal === 0 || vertical === 0
    ? {}
    : { pixelAspect: pixelAspectRatio };
}
