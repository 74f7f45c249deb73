import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseConfig } from '../../config/load.ts';
import type { Ladder } from '../../config/schema.ts';
import { planPicture, planSound } from '../../transcode/ladder-plan.ts';

const ladder: Ladder = parseConfig('', {}).ladder;
const source = (width: number, height: number, frameRate = 25): Parameters<typeof planPicture>[0] => ({
  codec: 'h264',
  width,
  height,
  frameRate,
});

describe('ladder plan', () => {
  const sizes: { name: string; width: number; height: number; want: string[] }[] = [
    {
      name: '720p gets the whole ladder',
      width: 1280,
      height: 720,
      want: ['720p 1280x720', '480p 854x480', '360p 640x360'],
    },
    {
      name: '1080p is scaled down',
      width: 1920,
      height: 1080,
      want: ['720p 1280x720', '480p 854x480', '360p 640x360'],
    },
    { name: '480p is not scaled up', width: 854, height: 480, want: ['480p 854x480', '360p 640x360'] },
    {
      name: 'between two rungs, the lower ones',
      width: 960,
      height: 540,
      want: ['480p 854x480', '360p 640x360'],
    },
    { name: 'below all, its own size under the lowest id', width: 320, height: 240, want: ['360p 320x240'] },
    { name: 'odd and below all', width: 321, height: 241, want: ['360p 320x240'] },
    { name: '4:3', width: 1024, height: 768, want: ['720p 960x720', '480p 640x480', '360p 480x360'] },
    {
      name: 'a phone held upright: the shorter edge counts',
      width: 720,
      height: 1280,
      want: ['720p 720x1280', '480p 480x854', '360p 360x640'],
    },
    {
      name: 'size not known: 16:9',
      width: 0,
      height: 0,
      want: ['720p 1280x720', '480p 854x480', '360p 640x360'],
    },
  ];
  for (const { name, width, height, want } of sizes) {
    it(name, () => {
      const plan = planPicture(source(width, height), ladder);
      assert.ok(plan.kind === 'encode');
      assert.deepEqual(
        plan.rungs.map((rung) => `${rung.id} ${rung.widthPx}x${rung.heightPx}`),
        want,
      );
    });
  }

  const rates: { fps: number; want: number }[] = [
    { fps: 24, want: 25 },
    { fps: 29.97, want: 30 },
    { fps: 30.02, want: 30 },
    { fps: 12, want: 15 },
    { fps: 60, want: 60 },
    { fps: 0, want: 25 },
  ];
  for (const { fps, want } of rates) {
    it(`${fps} fps goes onto the grid as ${want}`, () => {
      assert.equal(planPicture(source(640, 360, fps), ladder).frameRate, want);
    });
  }

  it('never scales up, keeps sizes even and the shape within a pixel and a half', () => {
    fc.assert(
      fc.property(fc.integer({ min: 64, max: 4096 }), fc.integer({ min: 64, max: 4096 }), (width, height) => {
        const plan = planPicture(source(width, height), ladder);
        assert.ok(plan.kind === 'encode' && plan.rungs.length > 0);
        for (const rung of plan.rungs) {
          assert.equal((rung.widthPx % 2) + (rung.heightPx % 2), 0);
          assert.ok(rung.widthPx <= width + 1 && rung.heightPx <= height + 1);
          const short = Math.min(rung.widthPx, rung.heightPx);
          const long = (short * Math.max(width, height)) / Math.min(width, height);
          assert.ok(Math.abs(Math.max(rung.widthPx, rung.heightPx) - long) <= 1.5);
        }
      }),
    );
  });

  it('passes a picture through, and uses a placeholder where there is none', () => {
    const through: Ladder = { ...ladder, mode: 'passthrough' };
    assert.deepEqual(planPicture(source(640, 360, 30), through), { kind: 'copy', frameRate: 30 });
    const placeholder = planPicture(null, ladder);
    assert.ok(placeholder.kind === 'placeholder');
    assert.deepEqual(
      placeholder.rungs.map((rung) => rung.id),
      ['720p', '480p', '360p'],
    );
    const single = planPicture(null, through);
    assert.ok(single.kind === 'placeholder');
    assert.deepEqual(
      single.rungs.map((rung) => rung.id),
      ['source'],
    );
  });

  it('pixels that are not square: rungs are as wide as the picture is shown', () => {
    const video = { codec: 'h264', width: 1440, height: 1080, frameRate: 25 } as const;
    const plan = planPicture({ ...video, pixelAspect: { horizontal: 4, vertical: 3 } }, ladder);
    assert.ok(plan.kind === 'encode');
    assert.deepEqual(
      plan.rungs.map(({ widthPx, heightPx }) => widthPx / heightPx).map((ratio) => Math.round(ratio * 100)),
      plan.rungs.map(() => 178),
    );
  });

  it('what no browser plays is not passed through: it is encoded in its own size', () => {
    const video = {
      codec: 'h264',
      width: 1920,
      height: 1080,
      frameRate: 25,
      notPlayed: 'interlaced',
    } as const;
    const plan = planPicture(video, { ...ladder, mode: 'passthrough' });
    assert.ok(plan.kind === 'encode');
    assert.deepEqual(
      plan.rungs.map(({ id, widthPx, heightPx }) => [id, widthPx, heightPx]),
      [['source', 1920, 1080]],
    );
  });

  const sounds: { name: string; codec: string; rate: number; channels: number; want: string }[] = [
    { name: 'AAC 48 kHz stereo', codec: 'aac', rate: 48_000, channels: 2, want: 'copy' },
    { name: 'AAC 48 kHz mono', codec: 'aac', rate: 48_000, channels: 1, want: 'encode' },
    { name: 'AAC 44.1 kHz', codec: 'aac', rate: 44_100, channels: 2, want: 'encode' },
    { name: 'AAC 5.1', codec: 'aac', rate: 48_000, channels: 6, want: 'encode' },
    { name: 'MP3', codec: 'mp3', rate: 48_000, channels: 2, want: 'encode' },
  ];
  for (const { name, codec, rate, channels, want } of sounds) {
    it(`${name}: ${want}`, () => {
      assert.equal(planSound({ codec, sampleRateHz: rate, channels }), want);
    });
  }
  it('no sound becomes silence', () => assert.equal(planSound(null), 'silence'));
});
