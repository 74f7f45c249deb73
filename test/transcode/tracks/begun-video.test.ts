import assert from 'node:assert/strict';
import { parseConfig } from '../../../config/load.ts';
import type { CodedVideo } from '../../../media/flv/video-packet.ts';
import { planPicture } from '../../../transcode/ladder-plan.ts';
import { levelsOf } from '../../../transcode/plan/broadcast-levels.ts';
import { begunVideo } from '../../../transcode/tracks/begun-video.ts';
import { canBeCopied, SourcePictures } from '../../../transcode/tracks/source-pictures.ts';

const LADDER = parseConfig('channels: []', {}).ladder;
const DESCRIPTION = { width: 640, height: 480, frameRate: 25 };

function config(codec: 'h264' | 'hevc', hex: string): CodedVideo {
  return {
    ...{ kind: 'config', codec, codecName: codec, isEnhanced: false, trackId: 0 },
    ...{ isSync: true, compositionOffsetMs: 0, data: Buffer.from(hex, 'hex') },
  };
}

describe('pictures that begin in mid class', () => {
  // As libx264 writes them.
  const table: { name: string; hex: string; notPlayed?: string; canCopy: boolean }[] = [
    {
      name: 'H.264 that browsers play',
      hex: '01640028ffe1001967640028acd940780227e5c04400000fa40003a9803c60c65801000468ef8fcbfdf8f800',
      canCopy: true,
    },
    {
      name: 'interlaced',
      hex: '0164001fffe100196764001facd940a07b6022000003000200000300c83e2c5b2c01000668fba3cb22c0fdf8f800',
      notPlayed: 'interlaced',
      canCopy: false,
    },
    {
      name: '4:4:4',
      hex: '01f40020ffe1001a67f40020919b280a00b76022000003000200000300f01e30632c01000668ebe3c44844fff8f800',
      notPlayed: '4:4:4',
      canCopy: false,
    },
  ];
  for (const { name, hex, notPlayed, canCopy } of table) {
    it(`${name}: ${canCopy ? 'may be' : 'are never'} passed through for want of computing power`, () => {
      const packet = config('h264', hex);
      const video = begunVideo(packet, DESCRIPTION);
      assert.equal(video.notPlayed, notPlayed);
      const plan = planPicture(video, LADDER);
      assert.ok(plan.kind === 'encode');
      const { plans } = levelsOf(plan, video, LADDER);
      assert.equal(
        plans.some(({ copyTrack }) => copyTrack !== null),
        canCopy,
      );
      const source = new SourcePictures();
      source.configure(packet);
      assert.equal(canBeCopied(source.config), canCopy);
    });
  }

  it('of which the feed says nothing are of unknown size and rate', () => {
    const unknown = { width: 0, height: 0, frameRate: 0 };
    assert.deepEqual(begunVideo(config('hevc', '00'), null), { codec: 'hevc', ...unknown });
  });
});
