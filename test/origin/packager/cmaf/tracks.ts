import { writeAudioEntry, writeInit, writeVideoEntry } from '../../../../origin/packager/cmaf/init-writer.ts';
import { parseInit } from '../../../../origin/packager/cmaf/init-segment.ts';
import type { Sample, TrackInit } from '../../../../origin/packager/media.ts';

/** Writes a box: size, type, content. */
export function box(type: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat([...content]);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

/** Bytes from hexadecimal digits; blanks are left out. */
export function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

/** Content of an avcC box, for High profile at level 3.1. */
export const AVC_CONFIG = hex('01 64001f ff e1 0000 01 0000');

/** A video header with these properties. */
export function videoHeader(
  timescaleHz = 90_000,
  entry = 'avc1',
  config: Buffer = box('avcC', AVC_CONFIG),
  trackId = 1,
): Buffer {
  return writeInit({
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
  return writeInit({
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

/** A sample that is told apart by its data. */
export function sample(
  decodeTicks: number,
  durationTicks: number,
  isSync = false,
  data: Buffer = Buffer.from(`sample at ${decodeTicks}`),
): Sample {
  return { decodeTicks, durationTicks, compositionOffsetTicks: 0, isSync, data };
}

/**
 * Video frames at a constant rate.
 *
 * @param firstTicks decode time of the first; every `gop` frames from there is a sync sample
 */
export function frames(firstTicks: number, count: number, frameTicks: number, gop = 40): Sample[] {
  return Array.from({ length: count }, (_, i) =>
    sample(firstTicks + i * frameTicks, frameTicks, i % gop === 0),
  );
}
