import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PublishStatistics, type StatisticsView } from '../../../ingest/publish/publish-statistics.ts';

const START_MS = 1_760_000_000_000;

type Run = {
  readonly seconds: number;
  readonly fps?: number;
  /** The publisher's clock against ours, parts per million. */
  readonly ppm?: number;
  /** Delay of each packet, by its number, milliseconds. */
  readonly jitterMs?: (index: number) => number;
  readonly audioLateMs?: number;
  readonly compositionOffsetMs?: (index: number) => number;
};

/** Lets a publisher send for some seconds: keyframes every 2 s, pictures of 5,000 bytes, sound of 250 every 20 ms. */
function watch({ seconds, fps = 25, ppm = 0, audioLateMs = 0, ...rest }: Run): StatisticsView {
  const { jitterMs = () => 0, compositionOffsetMs = () => 0 } = rest;
  const statistics = new PublishStatistics(START_MS);
  const events: { atMs: number; add: () => void }[] = [];
  const packet = (kind: 'audio' | 'video', index: number, intervalMs: number, lateMs: number) => {
    const timestampMs = Math.round(index * intervalMs);
    const atMs = START_MS + timestampMs / (1 + ppm / 1e6) + lateMs + jitterMs(index);
    const isSync = kind === 'audio' || index % (fps * 2) === 0;
    const sizeBytes = kind === 'audio' ? 250 : 5000;
    const offsetMs = compositionOffsetMs(index);
    events.push({
      atMs,
      add: () =>
        statistics.add({ kind, timestampMs, sizeBytes, isSync, compositionOffsetMs: offsetMs }, atMs),
    });
  };
  for (let i = 0; i < seconds * fps; i++) packet('video', i, 1000 / fps, 0);
  for (let i = 0; i < seconds * 50; i++) packet('audio', i, 20, audioLateMs);
  events.sort((a, b) => a.atMs - b.atMs);
  for (const { add } of events) add();
  return statistics.view(START_MS + seconds * 1000);
}

describe('ingest: statistics', () => {
  it('rates, group of pictures and time on air', () => {
    const view = watch({ seconds: 20, fps: 30 });
    assert.ok(Math.abs((view.frameRate ?? 0) - 30) < 0.1);
    assert.equal(view.gopLengthS, 2);
    assert.ok(Math.abs(view.videoBps - 30 * 5000 * 8) < 50_000, String(view.videoBps));
    assert.ok(Math.abs(view.audioBps - 50 * 250 * 8) < 2000, String(view.audioBps));
    assert.equal(view.onAirS, 20);
    assert.equal(view.receivedBytes, 20 * (30 * 5000 + 50 * 250));
    assert.equal(view.bFrames, false);
  });

  it('before anything came it knows nothing', () => {
    assert.deepEqual(new PublishStatistics(START_MS).view(START_MS), {
      ...{ frameRate: null, gopLengthS: null, videoBps: 0, audioBps: 0, clockDriftPpm: null, avSkewMs: null },
      ...{ bFrames: false, awaited: ['first-picture', 'first-sound'], onAirS: 0, receivedBytes: 0 },
    });
  });

  it('tells what has not come yet, and what has stopped by its arrival', () => {
    const statistics = new PublishStatistics(START_MS);
    const add = (kind: 'audio' | 'video', atMs: number) =>
      statistics.add({ kind, timestampMs: 0, sizeBytes: 9, isSync: true, compositionOffsetMs: 0 }, atMs);
    add('audio', START_MS);
    assert.deepEqual(statistics.view(START_MS).awaited, ['first-picture']);
    add('video', START_MS + 4000);
    assert.deepEqual(statistics.view(START_MS + 4999).awaited, []);
    assert.deepEqual(statistics.view(START_MS + 5000).awaited, ['sound']);
    assert.deepEqual(statistics.view(START_MS + 9000).awaited, ['picture', 'sound']);
  });

  const drifts = [0, 50, -50, 200, -1000];
  for (const ppm of drifts) {
    it(`a clock that is off by ${ppm} ppm, through a network that jitters by 60 ms`, () => {
      const view = watch({ seconds: 110, ppm, jitterMs: (i) => ((i * 7919) % 61) * (i % 10 === 0 ? 0 : 1) });
      assert.ok(Math.abs((view.clockDriftPpm ?? 1e9) - ppm) <= 10, `${view.clockDriftPpm} ppm`);
    });
  }

  it('drift is not told from a few seconds', () => assert.equal(watch({ seconds: 8 }).clockDriftPpm, null));

  const skews = [
    { name: 'sound in step', audioLateMs: 0 },
    { name: 'sound 120 ms late', audioLateMs: 120 },
    { name: 'sound 80 ms early', audioLateMs: -80 },
  ];
  for (const { name, audioLateMs } of skews) {
    it(name, () => assert.equal(watch({ seconds: 10, audioLateMs }).avSkewMs, audioLateMs));
  }

  it('pictures in another order are B-frames, one offset for all is not', () => {
    assert.equal(watch({ seconds: 2, compositionOffsetMs: (i) => (i % 3) * 40 }).bFrames, true);
    assert.equal(watch({ seconds: 2, compositionOffsetMs: () => 80 }).bFrames, false);
  });

  it('whatever comes, in whatever order of time, the answers are numbers or null', () => {
    const packet = fc.record({
      kind: fc.constantFrom('audio', 'video'),
      timestampMs: fc.integer({ min: -1000, max: 2 ** 40 }),
      sizeBytes: fc.nat(),
      isSync: fc.boolean(),
      compositionOffsetMs: fc.integer(),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(packet, fc.integer({ min: -5000, max: 5000 }))), (list) => {
        const statistics = new PublishStatistics(START_MS);
        let nowMs = START_MS;
        for (const [one, stepMs] of list) statistics.add(one, (nowMs += stepMs));
        const { awaited: _names, ...figures } = statistics.view(nowMs);
        for (const value of Object.values(figures)) {
          assert.ok(value === null || typeof value === 'boolean' || Number.isFinite(value), String(value));
        }
      }),
    );
  });
});
