import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { SHED_STEPS } from '../../../config/schema.ts';
import type { FlvTag } from '../../../media/flv/flv-tag.ts';
import { isCodedVideo, readVideoPacket } from '../../../media/flv/video-packet.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { planPicture } from '../../../transcode/ladder-plan.ts';
import { pixelCost } from '../../../transcode/plan/plan-cost.ts';
import { planLevels } from '../../../transcode/plan/plan-level.ts';
import { FrameGrid } from '../../../transcode/timeline/frame-grid.ts';
import { PictureLadder } from '../../../transcode/tracks/picture-ladder.ts';
import { type TrackChunk, TrackWriter } from '../../../transcode/tracks/track-writer.ts';
import { decodeMd5 } from '../../media/support/h264-clip.ts';
import { parseConfig } from '../../../config/load.ts';
import { FFMPEG, picture, sampleTags } from '../support/sample-flv.ts';

const LADDER = parseConfig(
  'channels: []\nladder: {rungs: [{height: 180, videoKbps: 300}, {height: 120, videoKbps: 150}]}',
  {},
).ladder;
const SOURCE = { codec: 'h264', width: 320, height: 180, frameRate: 25 } as const;
/** A start of a segment. */
const OFFSET_TICKS = 1_700_000_000_000 * 90;

/** A ladder with the real ffmpeg, whose clock and source a test moves. */
class Bench {
  nowMs = 0;
  roomCores: number | null = 0;
  readonly ladder: PictureLadder;
  readonly plans: string[] = [];
  readonly away: string[] = [];
  readonly #chunks = new Map<string, TrackChunk[]>();
  readonly #wrote = new EventEmitter();
  readonly #tags: readonly FlvTag[];

  constructor(tags: readonly FlvTag[]) {
    this.#tags = tags;
    const plan = planPicture(SOURCE, LADDER);
    assert.ok(plan.kind === 'encode');
    const [best] = plan.rungs;
    assert.ok(best !== undefined);
    this.ladder = new PictureLadder({
      ...{ program: FFMPEG, logger: silentLogger, frameRate: 25, rungs: plan.rungs },
      grid: new FrameGrid(25, OFFSET_TICKS),
      plans: planLevels(plan.rungs, LADDER.preset, SHED_STEPS, true, () => true),
      cost: pixelCost(SOURCE, best, 25),
      now: () => this.nowMs,
      roomCores: () => this.roomCores,
      idleCores: () => this.roomCores,
      grantedLevel: () => 0,
      writerOf: (id) =>
        new TrackWriter((chunk) => {
          const chunks = this.#chunks.get(id) ?? [];
          this.#chunks.set(id, [...chunks, chunk]);
          this.#wrote.emit('chunk');
        }),
      onPlan: ({ name }, reason) => void this.plans.push(`${name}: ${reason}`),
      onTrackAway: (id) => void this.away.push(id),
      onRestart: () => {},
      onGaveUp: () => assert.fail('gave up'),
    });
  }

  /** The same, with an encoder that keeps up: its pictures are awaited. */
  async keepUp(fromMs: number, toMs: number, slackMs = 200): Promise<void> {
    for (let ms = fromMs; ms < toMs; ms += 400) {
      this.publish(ms, ms + 400);
      const wantMs = ms + 400 - slackMs;
      await this.until(() => this.lengthMs('180p') >= wantMs && this.lengthMs('120p') >= wantMs);
    }
  }

  /** Gives the publisher's pictures from one source time to another, each at its time, with ticks between. */
  publish(fromMs: number, toMs: number): void {
    for (const tag of this.#tags) {
      const packet = readVideoPacket(tag.data);
      if (!isCodedVideo(packet)) continue;
      const isConfig = packet.kind === 'config';
      if (isConfig ? fromMs > 0 : tag.timestampMs < fromMs || tag.timestampMs >= toMs) continue;
      while (this.nowMs + 100 <= tag.timestampMs) this.pass(100);
      this.ladder.push(packet, tag.timestampMs);
    }
  }

  /** Lets time pass. */
  pass(ms: number): void {
    this.nowMs += ms;
    this.ladder.tick();
  }

  /** Milliseconds of media that a rung has, from the first on. */
  lengthMs(id: string): number {
    return this.times(id).length * 40;
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.#wrote, 'chunk');
  }

  /** Starts of a rung's pictures, milliseconds since the first. */
  times(id: string): number[] {
    const chunks = (this.#chunks.get(id) ?? []).filter(isShown);
    return chunks.map(({ startMs }) => Math.round(startMs - (chunks[0]?.startMs ?? 0)));
  }

  decode(id: string): readonly string[] {
    const chunks = this.#chunks.get(id) ?? [];
    const [first] = chunks;
    assert.ok(first !== undefined);
    assert.equal(new Set(chunks.map(({ init }) => init.toString('latin1'))).size, 1);
    const { sums, complaints } = decodeMd5(Buffer.concat([first.init, ...chunks.map(({ bytes }) => bytes)]));
    assert.equal(complaints, '');
    return sums.filter((_, at) => chunks[at] !== undefined && isShown(chunks[at]));
  }

  /** Numbers of the segments, from the first on, that have a picture that can be decoded alone. */
  startable(id: string): number[] {
    const chunks = this.#chunks.get(id) ?? [];
    const first = Math.floor((chunks[0]?.startMs ?? 0) / 1600);
    const syncs = chunks.filter(({ isSync }) => isSync);
    return [...new Set(syncs.map(({ startMs }) => Math.floor(startMs / 1600) - first))];
  }
}

/** Not one that is decoded only because others refer to it. */
function isShown({ durationMs }: TrackChunk): boolean {
  return durationMs > 1;
}

const every40 = (lengthMs: number): number[] => Array.from({ length: lengthMs / 40 }, (_, i) => i * 40);

describe('the pictures of a broadcast', () => {
  let tags: readonly FlvTag[] = [];
  let bench: Bench;
  before(async () => {
    tags = await sampleTags(picture('testsrc2=s=320x180:r=25:d=40', '-g', '50'));
  });
  beforeEach(() => {
    bench = new Bench(tags);
  });
  afterEach(() => bench.ladder.stop());

  it('stand while only sound comes, and move again with the first new picture', async () => {
    await bench.keepUp(0, 4000, 0);
    for (let ms = 4000; ms <= 12_000; ms += 100) {
      bench.ladder.standTo(ms - 500);
      bench.pass(100);
    }
    assert.ok(bench.lengthMs('180p') >= 11_000, `${bench.lengthMs('180p')}`);
    await bench.keepUp(14_000, 16_000);
    for (const id of ['180p', '120p']) {
      assert.deepEqual(bench.times(id), every40(bench.lengthMs(id)));
      const shown = bench.decode(id);
      const still = new Set(shown.slice(4000 / 40, 13_900 / 40));
      assert.equal(still.size, 1, 'one picture stands');
      const segments = Math.floor(bench.lengthMs(id) / 1600);
      // The segment in which it stopped and the next one are decoded from the ones before.
      const without = Array.from({ length: segments }, (_, i) => i).filter(
        (i) => !bench.startable(id).includes(i),
      );
      assert.ok(without.length <= 2, `no start in ${without.join()}`);
      assert.ok(
        new Set(shown.slice(14_000 / 40, 15_800 / 40)).size > 40,
        'pictures move from their own time on',
      );
    }
    assert.deepEqual(bench.plans, []);
  });

  it('an encoder that is stopped is replaced, and the track is late by less than a second', async () => {
    await bench.keepUp(0, 4000);
    const [pid] = bench.ladder.pids;
    assert.ok(pid !== undefined);
    process.kill(pid, 'SIGSTOP');
    bench.publish(4000, 5800);
    assert.deepEqual(bench.plans, ['full: stuck']);
    assert.ok(bench.lengthMs('180p') >= 4500);
    await bench.keepUp(5800, 7000, 2000);
    await bench.until(() => bench.lengthMs('180p') >= 6800);
    await bench.keepUp(7000, 8200);
    for (const id of ['180p', '120p']) {
      assert.deepEqual(bench.times(id), every40(bench.lengthMs(id)));
      bench.decode(id);
    }
  });

  it('a paused process encodes what it received meanwhile, and sheds nothing', async () => {
    await bench.keepUp(0, 4000, 0);
    bench.nowMs += 5000;
    bench.ladder.tick();
    for (const tag of tags) {
      const packet = readVideoPacket(tag.data);
      if (packet?.kind !== 'frame' || tag.timestampMs < 4000 || tag.timestampMs >= 9000) continue;
      if (isCodedVideo(packet)) bench.ladder.push(packet, tag.timestampMs);
    }
    bench.pass(900);
    bench.pass(900);
    await bench.until(() => bench.lengthMs('180p') >= 8800);
    assert.deepEqual(bench.plans, []);
    assert.ok(new Set(bench.decode('180p')).size > 200, 'no picture is replaced by a repeat');
  });
});
