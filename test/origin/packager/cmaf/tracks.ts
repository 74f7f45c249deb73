import { writeInitSegment } from '../../../../media/bmff/init-writer.ts';
import { writeAudioEntry, writeVideoEntry } from '../../../../media/bmff/sample-entry-writer.ts';
import { box, hex } from '../../../media/support/bytes.ts';
import { parseInit } from '../../../../origin/packager/cmaf/init-segment.ts';
import type { TrackInit } from '../../../../origin/packager/media.ts';

/** Content of an avcC box, for High profile at level 3.1. */
export const AVC_CONFIG = hex('01 64001f ff e1 0000 01 0000');

/** A video header with these properties. */
export function videoHeader(
  timescaleHz = 90_000,
  entry = 'avc1',
  config: Buffer = box('avcC', AVC_CONFIG),
  trackId = 1,
): Buffer {
  return writeInitSegment({
    kind: 'video',
    timescaleHz,
    trackId,
    displayWidth: 1280 * 65536,
    displayHeight: 720 * 65536,
    sampleEntry: writeVideoEntry(entry, 1280, 720, [config]),
  });
}

/** An audio header; the config is that of AAC-LC, 48 kHz, stereo when left out. */
export function audioHeader(timescaleHz = 48_000, specificConfig: Buffer = hex('1190')): Buffer {
  return writeInitSegment({
    kind: 'audio',
    timescaleHz,
    trackId: 1,
    displayWidth: 0,
    displayHeight: 0,
    sampleEntry: writeAudioEntry(2, timescaleHz, specificConfig),
  });
}

/** A video track of 90,000 Hz. */
export const VIDEO: TrackInit = parseInit(videoHeader());
/** An AAC-LC track of 48,000 Hz. */
export const AUDIO: TrackInit = parseInit(audioHeader());
