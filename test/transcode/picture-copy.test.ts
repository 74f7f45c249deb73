import assert from 'node:assert/strict';
import { PictureCopy } from '../../transcode/tracks/picture-copy.ts';
import { type TrackChunk, TrackWriter } from '../../transcode/tracks/track-writer.ts';

const AVC_CONFIG = Buffer.from('0164001fffe1000467640000010000', 'hex');

/** What comes out of a source whose frames are decoded at these times, in milliseconds. */
function copied(timesMs: readonly number[]): TrackChunk[] {
  const chunks: TrackChunk[] = [];
  const source = { codec: 'h264', width: 640, height: 360, frameRate: 30 } as const;
  const copy = new PictureCopy(new TrackWriter((chunk) => chunks.push(chunk)), source, 0, 30);
  const packet = {
    codec: 'h264',
    ...{ codecName: 'h264', isEnhanced: false, compositionOffsetMs: 0 },
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
});
