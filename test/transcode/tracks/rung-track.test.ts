import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PictureRepeater } from '../../../transcode/tracks/picture-repeater.ts';
import { type GridPicture, type PictureProducer, RungTrack } from '../../../transcode/tracks/rung-track.ts';
import { type TrackChunk, TrackWriter } from '../../../transcode/tracks/track-writer.ts';
import { decodeMd5, encodeH264, type H264Clip, mp4Of } from '../../media/support/h264-clip.ts';

const FRAME_TICKS = 3600;
const SEGMENT = 40;
const SIZE = '160x90';
/** x264 as it is run for a rung: parameter sets do not depend on the preset. */
const encoder = (preset: string): readonly string[] => [
  ...['-preset', preset, '-tune', 'zerolatency', '-profile:v', 'high', '-level:v', '3.0'],
  ...['-x264-params', 'ref=1:weightp=0:cabac=1:8x8dct=1'],
];

/** A producer that plays a clip from a frame on. */
type Player = PictureProducer & {
  readonly clip: H264Clip;
  readonly from: number;
  readonly sums: readonly string[];
};

function player(clip: H264Clip, from: number, frameStep: 1 | 2 = 1): Player {
  return { clip, from, frameStep, sums: decodeMd5(mp4Of(clip, clip.record, clip.pictures)).sums };
}

/** A track with what came out of it. */
class Recorded {
  readonly chunks: TrackChunk[] = [];
  readonly track: RungTrack;

  constructor() {
    this.track = new RungTrack({
      writer: new TrackWriter((chunk) => this.chunks.push(chunk)),
      repeater: new PictureRepeater(),
      ...{ frameTicks: FRAME_TICKS, framesPerSegment: SEGMENT, widthPx: 160, heightPx: 90 },
    });
  }

  /** Pushes a producer's picture of a frame. */
  push(producer: Player, frame: number): void {
    const at = (frame - producer.from) / producer.frameStep;
    if (at === 0) this.track.configure(producer, producer.clip.record);
    const picture = producer.clip.pictures[at];
    assert.ok(picture !== undefined);
    this.track.push(producer, { frame, compositionFrames: 0, ...picture });
  }

  /** The frames that are shown; pictures that are decoded in front of one have no time of their own. */
  get frames(): number[] {
    return this.shownChunks.map(({ startMs }) => Math.floor(startMs / 40 + 1e-6));
  }

  get shownChunks(): TrackChunk[] {
    return this.chunks.filter(({ durationMs }) => durationMs > 1);
  }

  /** The pictures that are shown, by their MD5. */
  get shown(): readonly string[] {
    const [first] = this.chunks;
    assert.ok(first !== undefined);
    const { sums, complaints } = decodeMd5(
      Buffer.concat([first.init, ...this.chunks.map(({ bytes }) => bytes)]),
    );
    assert.equal(complaints, '');
    assert.equal(sums.length, this.chunks.length);
    return sums.filter((_, at) => (this.chunks[at]?.durationMs ?? 0) > 1);
  }

  get inits(): number {
    return new Set(this.chunks.map(({ init }) => init)).size;
  }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('the pictures of a rung', () => {
  let slow: H264Clip;
  let fast: H264Clip;
  before(() => {
    slow = encodeH264(SIZE, 160, SEGMENT, encoder('superfast'));
    fast = encodeH264(SIZE, 160, SEGMENT, encoder('ultrafast'));
  });

  it('a producer that keeps up: its pictures, unchanged', () => {
    const recorded = new Recorded();
    const one = player(slow, 0);
    recorded.track.expect(one, 0);
    for (const frame of range(0, 100)) recorded.push(one, frame);
    assert.deepEqual(recorded.frames, range(0, 100));
    assert.deepEqual(recorded.shown, one.sums.slice(0, 100));
  });

  it('another producer takes over with its first picture, and the hole between repeats the last one', () => {
    const recorded = new Recorded();
    const [one, two] = [player(slow, 0), player(fast, 40)];
    recorded.track.expect(one, 0);
    for (const frame of range(0, 30)) recorded.push(one, frame);
    recorded.track.expect(two, 40);
    for (const frame of range(40, 80)) recorded.push(two, frame);
    assert.deepEqual(recorded.frames, range(0, 80));
    const repeated = Array.from({ length: 10 }, () => one.sums[29]);
    assert.deepEqual(recorded.shown, [...one.sums.slice(0, 30), ...repeated, ...two.sums.slice(0, 40)]);
    assert.equal(recorded.inits, 1, 'another preset is no new encoding');
  });

  it('a producer that comes late takes over at the next start of a segment, and the old one goes on until then', () => {
    const recorded = new Recorded();
    const [one, two] = [player(slow, 0), player(fast, 40)];
    recorded.track.expect(one, 0);
    recorded.track.expect(one, 0);
    for (const frame of range(0, 20)) recorded.push(one, frame);
    recorded.track.expect(two, 40);
    for (const frame of range(20, 70)) recorded.push(one, frame);
    for (const frame of range(40, 100)) {
      recorded.push(two, frame);
      if (frame < 60) recorded.push(one, 30 + frame);
    }
    assert.deepEqual(recorded.frames, range(0, 100));
    assert.deepEqual(recorded.shown, [...one.sums.slice(0, 80), ...two.sums.slice(40, 60)]);
  });

  it('what comes after its repeat is decoded in front of the first picture that is in time again', () => {
    const recorded = new Recorded();
    const one = player(slow, 0);
    recorded.track.expect(one, 0);
    for (const frame of range(0, 20)) recorded.push(one, frame);
    recorded.track.holdTo(25);
    for (const frame of range(20, 60)) recorded.push(one, frame);
    assert.deepEqual(recorded.frames, range(0, 60));
    const held = Array.from({ length: 5 }, () => one.sums[19]);
    assert.deepEqual(recorded.shown, [...one.sums.slice(0, 20), ...held, ...one.sums.slice(25, 60)]);
  });

  it('a producer that stays late: its newest picture each 0.8 s, and all of them once it is in time', () => {
    const recorded = new Recorded();
    const one = player(slow, 0);
    recorded.track.expect(one, 0);
    for (const frame of range(0, 20)) recorded.push(one, frame);
    // 30 frames late where the track waits for 20.
    for (const frame of range(20, 110)) {
      recorded.track.holdTo(frame + 11);
      recorded.push(one, frame);
    }
    const { shown } = recorded;
    assert.deepEqual(recorded.frames, range(0, 120));
    assert.deepEqual(shown.slice(0, 20), one.sums.slice(0, 20));
    const changes = range(20, 120).filter((at) => shown[at] !== shown[at - 1]);
    assert.ok(changes.length >= 3, `${changes.length} changes`);
    changes.forEach((at, i) => assert.ok(at - (changes[i - 1] ?? 20) <= 21, `${at} after ${changes[i - 1]}`));
    for (const frame of range(110, 140)) recorded.push(one, frame);
    assert.deepEqual(recorded.frames, range(0, 140));
    assert.deepEqual(recorded.shown.slice(120), one.sums.slice(120, 140));
  });

  it('a producer that begins late while the picture stands takes over, and catches up', () => {
    const recorded = new Recorded();
    const [one, two] = [player(slow, 0), player(fast, 40)];
    recorded.track.expect(one, 0);
    for (const frame of range(0, 30)) recorded.push(one, frame);
    recorded.track.expect(two, 40);
    recorded.track.holdTo(50);
    for (const frame of range(40, 80)) recorded.push(two, frame);
    assert.equal(recorded.track.producer, two);
    assert.deepEqual(recorded.frames, range(0, 80));
    const held = Array.from({ length: 20 }, () => one.sums[29]);
    assert.deepEqual(recorded.shown, [...one.sums.slice(0, 30), ...held, ...two.sums.slice(10, 40)]);
  });

  it('headers that come again in the middle of a group cost no picture', () => {
    const recorded = new Recorded();
    const one = player(slow, 0);
    recorded.track.expect(one, 0);
    for (const frame of range(0, 20)) recorded.push(one, frame);
    recorded.track.configure(one, one.clip.record);
    for (const frame of range(20, 60)) recorded.push(one, frame);
    assert.deepEqual(recorded.frames, range(0, 60));
    assert.deepEqual(recorded.shown, one.sums.slice(0, 60));
    assert.equal(recorded.inits, 1);
  });

  it('half the pictures are shown twice as long, in a track of the same rate', () => {
    const recorded = new Recorded();
    const half = player(encodeH264(SIZE, 40, SEGMENT / 2, encoder('ultrafast')), 0, 2);
    recorded.track.expect(half, 0);
    for (const at of range(0, 40)) recorded.push(half, at * 2);
    assert.deepEqual(recorded.frames, range(0, 80));
    assert.deepEqual(
      recorded.shown,
      half.sums.slice(0, 40).flatMap((sum) => [sum, sum]),
    );
  });

  it('pictures with what they refer to in front: the segment begins with a keyframe', () => {
    const recorded = new Recorded();
    const [one, copy] = [player(slow, 0), player(fast, 20)];
    recorded.track.expect(one, 0);
    for (const frame of range(0, 40)) recorded.push(one, frame);
    recorded.track.expect(copy, 40);
    recorded.track.configure(copy, copy.clip.record);
    const all: GridPicture[] = copy.clip.pictures.map((picture, at) => ({
      ...picture,
      frame: 20 + at,
      compositionFrames: 0,
    }));
    all
      .slice(20, 80)
      .forEach((picture, at) => recorded.track.push(copy, picture, at === 0 ? all.slice(0, 20) : []));
    assert.ok(recorded.chunks[40]?.isSync === true && recorded.chunks[40].startMs === 1600);
    const times = recorded.chunks.slice(61).map(({ startMs }) => startMs);
    assert.deepEqual(
      times,
      range(41, 100).map((frame) => frame * 40),
    );
    assert.deepEqual(recorded.shown.slice(40), copy.sums.slice(20, 80));
  });

  it('nothing before the first picture, and nothing of a producer that is forgotten', () => {
    const recorded = new Recorded();
    const one = player(slow, 0);
    recorded.track.holdTo(10);
    recorded.track.expect(one, 0);
    recorded.push(one, 0);
    recorded.track.forget(one);
    recorded.push(one, 1);
    assert.deepEqual(recorded.frames, [0]);
  });

  it('whatever comes in whatever order: no frame twice, none missing, each decodes, each picture is whole', () => {
    const players = [player(slow, 0), player(fast, 40), player(slow, 80), player(fast, 0)];
    const event = fc.oneof(
      fc.record({
        kind: fc.constant('push' as const),
        who: fc.nat(3),
        count: fc.integer({ min: 1, max: 30 }),
      }),
      fc.record({
        kind: fc.constant('expect' as const),
        who: fc.nat(3),
        frame: fc.integer({ min: 0, max: 120 }),
      }),
      fc.record({ kind: fc.constant('hold' as const), frames: fc.integer({ min: 1, max: 20 }) }),
      fc.record({ kind: fc.constant('forget' as const), who: fc.nat(3) }),
    );
    fc.assert(
      fc.property(fc.array(event, { minLength: 3, maxLength: 25 }), (events) => {
        const recorded = new Recorded();
        const next = players.map(({ from }) => from);
        recorded.track.expect(players[0] ?? assert.fail(), 0);
        for (const each of events) {
          const who = 'who' in each ? players[each.who] : undefined;
          if (each.kind === 'hold') recorded.track.holdTo((recorded.track.head ?? 0) + each.frames);
          if (who === undefined || !('who' in each)) continue;
          if (each.kind === 'expect') recorded.track.expect(who, each.frame);
          if (each.kind === 'forget') recorded.track.forget(who);
          if (each.kind !== 'push') continue;
          for (let i = 0; i < each.count; i++) {
            const frame = next[each.who] ?? 0;
            if (frame - who.from >= who.clip.pictures.length) break;
            recorded.push(who, frame);
            next[each.who] = frame + 1;
          }
        }
        const { frames } = recorded;
        if (frames.length === 0) return;
        const [first = 0] = frames;
        assert.deepEqual(frames, range(first, first + frames.length));
        const shown = recorded.shown;
        assert.equal(shown.length, frames.length);
        const known = new Set(players.flatMap(({ sums }) => sums));
        for (const sum of shown) assert.ok(known.has(sum), 'a picture that no encoder made');
      }),
      { numRuns: 25 },
    );
  });
});
