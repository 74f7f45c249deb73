import assert from 'node:assert/strict';
import type { CodedVideo } from '../../../media/flv/video-packet.ts';
import { StandingPicture } from '../../../transcode/tracks/standing-picture.ts';
import {
  decodeMd5,
  encodeH264,
  type H264Clip,
  type H264Picture,
  mp4Of,
} from '../../media/support/h264-clip.ts';

const SIZE = '160x90';
const EVERY_MS = 40;

function packetOf({ data, isSync }: H264Picture, kind: 'config' | 'frame' = 'frame'): CodedVideo {
  return {
    ...{ kind, codec: 'h264', codecName: 'h264', isEnhanced: false, trackId: 0 },
    ...{ isSync, compositionOffsetMs: 0, data },
  };
}

/** A clip whose pictures come at these frames, with repeats where none does. */
function standing(clip: H264Clip, frames: readonly number[], untilFrame: number) {
  const still = new StandingPicture(EVERY_MS, true);
  const record = still.configure({ codec: 'h264', data: clip.record });
  const given: (H264Picture & { timeMs: number; of: number | null })[] = [];
  const repeatTo = (ms: number): void => {
    for (const { packet, timeMs } of still.repeats(ms)) {
      given.push({ data: packet.data, isSync: packet.isSync, timeMs, of: null });
    }
  };
  frames.forEach((frame, i) => {
    const picture = clip.pictures[i];
    assert.ok(picture !== undefined);
    repeatTo(frame * EVERY_MS);
    given.push({ ...picture, timeMs: still.place(packetOf(picture), frame * EVERY_MS), of: i });
  });
  repeatTo(untilFrame * EVERY_MS);
  return { record, given };
}

describe('a picture that stands', () => {
  const encoders: { name: string; args: string[] }[] = [
    {
      name: 'a phone: one reference',
      args: ['-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline'],
    },
    {
      name: 'several references',
      args: ['-preset', 'medium', '-tune', 'zerolatency', '-refs', '4', '-bf', '0'],
    },
    {
      name: 'several slices',
      args: ['-preset', 'ultrafast', '-tune', 'zerolatency', '-x264-params', 'slices=3'],
    },
    {
      name: 'every picture a keyframe',
      args: ['-preset', 'ultrafast', '-tune', 'zerolatency', '-x264-params', 'keyint=1'],
    },
  ];
  for (const { name, args } of encoders) {
    it(`${name}: repeats show it, and what follows is decoded as it was coded`, () => {
      const clip = encodeH264(SIZE, 12, 6, args);
      const own = decodeMd5(mp4Of(clip, clip.record, clip.pictures)).sums;
      const { record, given } = standing(clip, [0, 1, 2, 12, 13, 30, 31, 32, 40, 41, 42, 43], 60);
      const shown = decodeMd5(mp4Of(clip, record, given));
      assert.equal(shown.complaints, '');
      let last = '';
      const want = given.map(({ of }) => (last = of === null ? last : (own[of] ?? '')));
      assert.deepEqual(shown.sums, want);
      assert.deepEqual(
        given.map(({ timeMs }) => timeMs),
        Array.from({ length: 60 }, (_, i) => i * EVERY_MS),
      );
    });
  }

  it('a picture that comes after all has its place behind the repeats, and those after it catch up', () => {
    const clip = encodeH264(SIZE, 8, 40);
    const still = new StandingPicture(EVERY_MS, true);
    still.configure({ codec: 'h264', data: clip.record });
    const [first, ...rest] = clip.pictures;
    assert.ok(first !== undefined);
    still.place(packetOf(first), 0);
    const repeats = [...still.repeats(1000)].map(({ timeMs }) => timeMs);
    assert.equal(repeats.at(-1), 960);
    const placed = rest.map((picture, i) => still.place(packetOf(picture), 930 + i * 40));
    assert.deepEqual(placed.slice(0, 5), [1000, 1024, 1048, 1072, 1096]);
    assert.equal(placed.at(-1), 930 + (rest.length - 1) * 40);
  });

  it('a source that is read again is not moved', () => {
    const clip = encodeH264(SIZE, 3, 40);
    const still = new StandingPicture(EVERY_MS, true);
    still.configure({ codec: 'h264', data: clip.record });
    const [first] = clip.pictures;
    assert.ok(first !== undefined);
    still.place(packetOf(first), 100);
    assert.equal([...still.repeats(500)].length, 9);
    assert.equal(still.place(packetOf(first), 100), 100);
  });

  const unrepeatable: { name: string; codec: 'h264' | 'hevc'; data: Buffer }[] = [
    { name: 'H.265', codec: 'hevc', data: Buffer.alloc(40) },
    { name: 'a configuration that cannot be read', codec: 'h264', data: Buffer.alloc(4) },
  ];
  for (const { name, codec, data } of unrepeatable) {
    it(`${name}: none`, () => {
      const still = new StandingPicture(EVERY_MS, false);
      assert.equal(still.configure({ codec, data }), data);
      still.place(packetOf({ data: Buffer.alloc(20), isSync: true }), 0);
      assert.equal(still.canRepeat, false);
      assert.deepEqual([...still.repeats(1000)], []);
    });
  }

  it('H.265 for an encoder: its keyframe once more, and nothing behind another picture', () => {
    const still = new StandingPicture(EVERY_MS, true);
    still.configure({ codec: 'hevc', data: Buffer.alloc(40) });
    const key = packetOf({ data: Buffer.from('key'), isSync: true });
    still.place(key, 0);
    const repeats = [...still.repeats(130)];
    assert.deepEqual(
      repeats.map(({ timeMs, packet }) => [timeMs, packet.data.toString()]),
      [
        [40, 'key'],
        [80, 'key'],
        [120, 'key'],
      ],
    );
    still.place(packetOf({ data: Buffer.from('other'), isSync: false }), 160);
    assert.equal(still.canRepeat, false);
  });
});
