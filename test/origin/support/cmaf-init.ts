import { parseInit } from '../../../origin/packager/cmaf/init-segment.ts';
import { writeAudioEntry, writeInit, writeVideoEntry } from '../../../origin/packager/cmaf/init-writer.ts';
import type { TrackInit } from '../../../origin/packager/media.ts';
import { AVC_CONFIG, box, hex } from '../packager/cmaf/tracks.ts';

/** A true init segment of a picture, 16:9, 90,000 Hz. */
export function videoInit(heightPx: number): TrackInit {
  const widthPx = Math.round((heightPx * 16) / 9);
  return parseInit(
    writeInit({
      kind: 'video',
      timescaleHz: 90_000,
      trackId: 1,
      displayWidth: widthPx * 65_536,
      displayHeight: heightPx * 65_536,
      sampleEntry: writeVideoEntry('avc1', widthPx, heightPx, [box('avcC', AVC_CONFIG)]),
    }),
  );
}

/** A true init segment of AAC-LC sound, 48,000 Hz. */
export function audioInit(channels: 1 | 2 = 2): TrackInit {
  return parseInit(
    writeInit({
      kind: 'audio',
      timescaleHz: 48_000,
      trackId: 1,
      displayWidth: 0,
      displayHeight: 0,
      sampleEntry: writeAudioEntry(channels, 48_000, hex(channels === 2 ? '1190' : '1188')),
    }),
  );
}
