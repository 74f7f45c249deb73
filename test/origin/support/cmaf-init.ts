import { writeInitSegment } from '../../../media/bmff/init-writer.ts';
import { writeAudioEntry, writeVideoEntry } from '../../../media/bmff/sample-entry-writer.ts';
import { box, hex } from '../../media/support/bytes.ts';
import { parseInit } from '../../../origin/packager/cmaf/init-segment.ts';
import type { TrackInit } from '../../../origin/packager/media.ts';
import { AVC_CONFIG } from '../packager/cmaf/tracks.ts';

/** A true init segment of a picture, 16:9, 90,000 Hz. */
export function videoInit(heightPx: number): TrackInit {
  const widthPx = Math.round((heightPx * 16) / 9);
  return parseInit(
    writeInitSegment({
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
    writeInitSegment({
      kind: 'audio',
      timescaleHz: 48_000,
      trackId: 1,
      displayWidth: 0,
      displayHeight: 0,
      sampleEntry: writeAudioEntry(channels, 48_000, hex(channels === 2 ? '1190' : '1188')),
    }),
  );
}
