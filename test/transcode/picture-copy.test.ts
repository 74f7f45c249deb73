import assert from 'node:assert/strict';
import { readInitSegment } from '../../media/bmff/init-reader.ts';
import { PictureCopy } from '../../transcode/tracks/picture-copy.ts';
import { type TrackChunk, TrackWriter } from '../../transcode/tracks/track-writer.ts';

const AVC_CONFIG = Buffer.from('0164001fffe1000467640000010000', 'hex');

// Written by libx264: 1920 × 1080 and 320 × 180.
const WIDE_CONFIG = Buffer.from(
  '01640028ffe1001967640028acd940780227e5c04400000fa40003a9803c60c65801000468ef8fcbfdf8f800',
  'hex',
);
const SMALL_CONFIG = Buffer.from(
  '0164000cffe1001a6764000cacd941419f9f011000000300100000030320f142996001000668ebe3cb22c0fdf8f800',
  'hex',
);

/** What comes out of a source whose frames are decoded at these times, in milliseconds. */
function copied(timesMs: readonly number[]): TrackChunk[] {
  const chunks: TrackChunk[] = [];
  const copy = new PictureCopy({
    writer: new TrackWriter((chunk) => chunks.push(chunk)),
    video: { width: 640, height: 360 },
    ...{ offsetTicks: 0, frameRate: 30, notBeforeTicks: 0 },
    repeatMs: () => null,
  });
  const packet = {
    codec: 'h264',
    ...{ codecName: 'h264', isEnhanced: false, trackId: 0, compositionOffsetMs: 0 },
    data: Buffer.from('frame'),
  } as const;
  copy.push({ ...packet, kind: 'config', isSync: false, data: AVC_CONFIG }, 0);
  timesMs.forEach((timeMs, i) => copy.push({ ...packet, kind: 'frame', isSync: i === 0 }, timeMs));
  return chunks;
}

describe('a picture that is passed through', () => {
  const table: { name: string; timesMs: number[] }[] = [
    { name: 'an even frame rate', timesMs: [0, 33, 67, 100, 133, 167] },
    { name: 'a frame that was lost', timesMs: [0, 33, 67, 133, 167, 200] },
    { name: 'a picture that stood still', timesMs: [0, 33, 67, 567, 600, 633] },
    { name: 'a phone that skips every other frame in the dark', timesMs: [0, 33, 100, 133, 200, 233, 300] },
  ];
  for (const { name, timesMs } of table) {
    it(`${name}: no frame lasts into the next one by more than half of it, where it would be dropped`, () => {
      const chunks = copied(timesMs);
      assert.deepEqual(
        chunks.map(({ startMs }) => Math.round(startMs)),
        timesMs,
      );
      chunks.slice(1).forEach((chunk, i) => {
        const before = chunks[i] ?? chunk;
        const overlapMs = before.startMs + before.durationMs - chunk.startMs;
        assert.ok(overlapMs <= chunk.durationMs / 2, `at ${chunk.startMs} ms: ${overlapMs} ms`);
      });
    });
  }

  it('another configuration is another init segment of its own size', () => {
    const chunks: TrackChunk[] = [];
    const copy = new PictureCopy({
      writer: new TrackWriter((chunk) => chunks.push(chunk)),
      video: { width: 640, height: 360 },
      ...{ offsetTicks: 0, frameRate: 30, notBeforeTicks: 0 },
      repeatMs: () => null,
    });
    const packet = {
      codec: 'h264',
      codecName: 'h264',
      isEnhanced: false,
      trackId: 0,
      compositionOffsetMs: 0,
    } as const;
    for (const [turn, data] of [WIDE_CONFIG, SMALL_CONFIG].entries()) {
      copy.push({ ...packet, kind: 'config', isSync: false, data }, turn * 1000);
      copy.push({ ...packet, kind: 'frame', isSync: true, data: Buffer.from('frame') }, turn * 1000);
    }
    const shown = chunks.map(({ init }) => readInitSegment(init).entry);
    assert.deepEqual(
      shown.map((entry) => (entry.kind === 'video' ? [entry.widthPx, entry.heightPx] : [])),
      [
        [1920, 1080],
        [320, 180],
      ],
    );
  });
});
