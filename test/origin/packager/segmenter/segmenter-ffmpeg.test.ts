import assert from 'node:assert/strict';
import type { Sample } from '../../../../media/bmff/sample.ts';
import { readFragment } from '../../../../media/bmff/fragment-reader.ts';
import { ChunkSplitter } from '../../../../origin/packager/cmaf/chunk-splitter.ts';
import { parseInit } from '../../../../origin/packager/cmaf/init-segment.ts';
import type { CutEvent, CutPart, TrackInit } from '../../../../origin/packager/media.ts';
import { Segmenter } from '../../../../origin/packager/segmenter/segmenter.ts';
import { BOUNDARY_S, encodeCmaf, probe } from '../../../media/support/ffmpeg-cmaf.ts';

type Cut = { init: TrackInit; samples: Sample[]; events: CutEvent[]; parts: CutPart[] };

/** The whole way of an uplink's bytes, in network pieces of an odd size. */
function cutStream(stream: Buffer, cut: 'grid' | 'keyframes' = 'grid'): Cut {
  const splitter = new ChunkSplitter();
  let init: TrackInit | null = null;
  let segmenter: Segmenter | null = null;
  const samples: Sample[] = [];
  const events: CutEvent[] = [];
  for (let at = 0; at < stream.length; at += 1399) {
    for (const piece of splitter.push(stream.subarray(at, at + 1399))) {
      if (piece.kind === 'init') {
        init = parseInit(piece.bytes, piece.offsetBytes);
        segmenter = new Segmenter({ init, partTargetMs: 200, gridUnits: cut === 'grid' ? 1 : 2, cut });
      } else if (init !== null && segmenter !== null) {
        const parsed = readFragment(piece.bytes, init, piece.offsetBytes);
        samples.push(...parsed);
        events.push(...segmenter.push(parsed));
      }
    }
  }
  splitter.finish();
  events.push(...(segmenter?.finish() ?? []));
  assert.ok(init !== null);
  return { init, samples, events, parts: events.filter((event) => event.kind === 'part') };
}

/** What ffprobe reads of the parts behind their init segment. */
function served({ init, parts }: Cut): ReturnType<typeof timesOf> {
  return timesOf(Buffer.concat([init.bytes, ...parts.map((event) => event.part.bytes)]));
}

/** Each packet as ffprobe reads it, in ticks, and how many frames its decoder gave. */
function timesOf(stream: Buffer): {
  times: [pts: number, dts: number, duration: number][];
  frames: number;
} {
  const { packets, streams } = probe(stream);
  return {
    times: packets.map((p) => [Number(p['pts']), Number(p['dts']), Number(p['duration'])]),
    frames: Number(streams[0]?.['nb_read_frames']),
  };
}

describe("ffmpeg's CMAF through splitter, parser and segmenter, read back by ffprobe", () => {
  it('video: every frame from the first boundary on, at its own time', () => {
    // Begins 0.8 s ahead of a boundary; 4.4 s of pictures.
    const cut = cutStream(encodeCmaf('video', BOUNDARY_S - 0.8, 4.4));
    assert.equal(cut.samples.length, 110);
    const { times, frames } = served(cut);
    assert.equal(frames, 90);
    assert.deepEqual(
      times,
      Array.from({ length: 90 }, (_, i) => {
        const ticks = BOUNDARY_S * 90_000 + i * 3600;
        return [ticks, ticks, 3600];
      }),
    );
    assert.deepEqual(
      cut.parts.map(({ number, part, last }) => [
        number - 1_100_000_000,
        part.index,
        part.durationTicks,
        part.independent,
        last,
      ]),
      Array.from({ length: 18 }, (_, i) => [
        i >> 3,
        i % 8,
        18_000,
        // A key every 0.8 s: parts 0 and 4.
        i % 4 === 0,
        i % 8 === 7 || i === 17,
      ]).toSpliced(17, 1, [2, 1, 18_000, false, false]),
    );
    assert.deepEqual(cut.events.at(-1), { kind: 'close', number: 1_100_000_002 });
  });

  it('sound: 75 frames a segment, on the frame grid', () => {
    const cut = cutStream(encodeCmaf('audio', BOUNDARY_S - 0.5, 4.2));
    const { times } = served(cut);
    assert.ok(times.length > 150);
    times.forEach(([pts, dts, duration], i) => {
      assert.deepEqual([pts, dts], [BOUNDARY_S * 48_000 + i * 1024, pts]);
      // ffprobe gives the first packet of any AAC in MP4 no duration, ffmpeg's own among them.
      if (i > 0) assert.equal(duration, 1024);
    });
    for (const number of [1_100_000_000, 1_100_000_001]) {
      const ticks = cut.parts
        .filter((event) => event.number === number)
        .map((event) => event.part.durationTicks / 1024);
      assert.deepEqual(ticks, [9, 9, 9, 9, 9, 9, 9, 9, 3]);
    }
  });

  it('B-frames: decode times without a gap, presentation times as ffmpeg gave them', () => {
    const stream = encodeCmaf('video', BOUNDARY_S, 4, ['-tune', 'film', '-bf', '2', '-preset', 'fast']);
    const cut = cutStream(stream, 'keyframes');
    const { times, frames } = served(cut);
    assert.equal(frames, 100);
    // As ffprobe reads ffmpeg's own file: it moves times where offsets are negative.
    assert.deepEqual(times, timesOf(stream).times);
    assert.ok(times.some(([pts, dts]) => pts !== dts));
  });

  it('two encoders that joined at different times give parts of the same times and numbers', () => {
    const [early, late] = [-2.4, -0.8].map((from) =>
      cutStream(encodeCmaf('video', BOUNDARY_S + from, 3.2 - from)).parts.map(({ number, part, last }) => ({
        number,
        last,
        index: part.index,
        startTicks: part.startTicks,
        durationTicks: part.durationTicks,
      })),
    );
    assert.ok(early !== undefined && late !== undefined);
    assert.equal(late.length, 16);
    assert.deepEqual(early.slice(-16), late);
  });
});
