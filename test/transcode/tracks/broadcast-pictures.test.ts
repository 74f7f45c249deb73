import assert from 'node:assert/strict';
import { parseConfig } from '../../../config/load.ts';
import { readInitSegment } from '../../../media/bmff/init-reader.ts';
import { writeVideoPacket } from '../../../media/flv/packet-writer.ts';
import { isCodedVideo, readVideoPacket } from '../../../media/flv/video-packet.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { BroadcastPictures } from '../../../transcode/tracks/broadcast-pictures.ts';
import { TrackWriter } from '../../../transcode/tracks/track-writer.ts';
import { AVC_CONFIG, picture } from '../../ingest/support/media-bodies.ts';
import { jobFor } from '../support/worker.ts';

/** 1920 × 1080, as libx264 writes it. */
const WIDE_CONFIG = writeVideoPacket({
  ...{ kind: 'config', codec: 'h264', isSync: true, compositionOffsetMs: 0 },
  data: Buffer.from(
    '01640028ffe1001967640028acd940780227e5c04400000fa40003a9803c60c65801000468ef8fcbfdf8f800',
    'hex',
  ),
});

describe('pictures that stand while their configuration changes', () => {
  it('the repeats before the first picture of the new one are of the old one', async () => {
    const shown: string[] = [];
    const pictures = new BroadcastPictures({
      job: {
        ...jobFor('http://127.0.0.1:1/'),
        video: { codec: 'h264', width: 320, height: 180, frameRate: 25 },
      },
      ladder: parseConfig('channels: []\nladder: {mode: passthrough}', {}).ladder,
      ...{ program: 'none', clock: { nowMs: () => 0 }, logger: silentLogger, offsetTicks: 0 },
      writerOf: () =>
        new TrackWriter(({ init, startMs, isSync }) => {
          const { entry } = readInitSegment(init);
          const widthPx = entry.kind === 'video' ? entry.widthPx : 0;
          shown.push(`${Math.round(startMs)} ${widthPx}${isSync ? ' key' : ''}`);
        }),
      ...{ onTrackAway: () => {}, onPlan: () => {}, onRestart: () => {} },
      placeholder: async () => [],
      onGaveUp: (error) => assert.fail(error),
    });
    await pictures.prepare();
    const push = (body: Buffer, timeMs: number): void => {
      const packet = readVideoPacket(body);
      assert.ok(isCodedVideo(packet));
      pictures.push(packet, timeMs);
    };
    push(AVC_CONFIG, 0);
    push(picture(true), 0);
    pictures.standTo(120);
    push(WIDE_CONFIG, 120);
    pictures.standTo(220);
    push(picture(true), 500);
    assert.deepEqual(
      shown.filter((line) => line.includes('key')),
      ['0 320 key', '500 1920 key'],
    );
    assert.equal(shown.filter((line) => /^\d+ 320$/.test(line)).length, shown.length - 2);
    assert.ok(shown.length > 8, shown.join(', '));
  });
});
