import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BandwidthEstimator } from '../../../player/abr/bandwidth.ts';
import { LevelChooser } from '../../../player/abr/chooser.ts';
import { type Level, highestUseful, startLevel } from '../../../player/abr/levels.ts';

const LEVELS: readonly Level[] = [
  { bitrateBps: 700_000, heightPx: 360, frameRate: 25 },
  { bitrateBps: 1_200_000, heightPx: 480, frameRate: 25 },
  { bitrateBps: 2_800_000, heightPx: 720, frameRate: 25 },
];

/** Parts of 0.2 s of a level over a line, one after the other as they are made. */
function transfers(
  estimator: BandwidthEstimator,
  line: { bps: number; roundTripMs: number },
  level: number,
  count: number,
): number {
  const sizeBytes = ((LEVELS[level]?.bitrateBps ?? 0) * 0.2) / 8;
  let atMs = 0;
  for (let i = 0; i < count; i++) {
    atMs = (i + 1) * 200;
    const bodyMs = (sizeBytes * 8000) / line.bps;
    estimator.add({ atMs, sizeBytes, firstByteMs: line.roundTripMs, bodyMs, awaited: false });
  }
  return atMs;
}

describe('bandwidth from small parts', () => {
  const lines = [
    { name: '1 Mbit/s far away', bps: 1_000_000, roundTripMs: 180 },
    { name: '3 Mbit/s', bps: 3_000_000, roundTripMs: 40 },
    { name: '8 Mbit/s', bps: 8_000_000, roundTripMs: 20 },
  ];
  for (const { name, ...line } of lines) {
    it(`is what the line carries, whatever its round trip: ${name}`, () => {
      const estimator = new BandwidthEstimator();
      const atMs = transfers(estimator, line, 0, 40);
      const estimate = estimator.estimateBps(atMs) ?? 0;
      assert.ok(Math.abs(estimate / line.bps - 1) < 0.05, `${estimate}`);
    });
  }

  it('is not held down by the size of a part: a fast line shows ten times the lowest level', () => {
    const estimator = new BandwidthEstimator();
    const atMs = transfers(estimator, { bps: 100_000_000, roundTripMs: 5 }, 0, 40);
    assert.ok((estimator.estimateBps(atMs) ?? 0) > 10 * 700_000);
  });

  it('leaves out the time that the server waited for a part to be made', () => {
    const estimator = new BandwidthEstimator();
    for (let i = 1; i <= 20; i++) {
      estimator.add({ atMs: i * 200, sizeBytes: 20_000, firstByteMs: 190, bodyMs: 20, awaited: true });
    }
    assert.equal(estimator.estimateBps(4000), 8_000_000);
  });

  it('follows a line that got worse within three seconds', () => {
    const estimator = new BandwidthEstimator();
    for (let i = 1; i <= 70; i++) {
      const bodyMs = i <= 55 ? 10 : 100;
      estimator.add({ atMs: i * 200, sizeBytes: 20_000, firstByteMs: 5, bodyMs, awaited: false });
    }
    assert.ok((estimator.estimateBps(14_000) ?? 0) < 1_700_000);
  });

  it('says nothing before it has seen four transfers, and forgets old ones', () => {
    const estimator = new BandwidthEstimator();
    assert.equal(estimator.estimateBps(0), null);
    const atMs = transfers(estimator, { bps: 1e6, roundTripMs: 1 }, 0, 10);
    assert.notEqual(estimator.estimateBps(atMs), null);
    assert.equal(estimator.estimateBps(atMs + 60_000), null);
  });
});

describe('level to start with', () => {
  const hints = {
    viewHeightPx: 1080,
    rememberedBps: null,
    downlinkMbps: null,
    effectiveType: null,
    saveData: false,
  };
  const cases = [
    { name: 'nothing known', hints, want: 1 },
    { name: 'a fast line', hints: { ...hints, downlinkMbps: 10 }, want: 2 },
    {
      name: 'a fast line and a small picture',
      hints: { ...hints, downlinkMbps: 10, viewHeightPx: 380 },
      want: 0,
    },
    { name: 'a slow line', hints: { ...hints, downlinkMbps: 0.4, effectiveType: '3g' }, want: 0 },
    {
      name: 'a browser that has measured nothing yet',
      hints: { ...hints, downlinkMbps: 1.3, effectiveType: '4g' },
      want: 1,
    },
    {
      name: 'what the line carried last time counts more than the browser says',
      hints: { ...hints, downlinkMbps: 10, rememberedBps: 1e6 },
      want: 0,
    },
    { name: 'data saver', hints: { ...hints, downlinkMbps: 10, saveData: true }, want: 0 },
  ];
  for (const { name, hints, want } of cases) {
    it(name, () => assert.equal(startLevel(LEVELS, hints), want));
  }
  it('a picture that nobody would see is not loaded', () => {
    assert.deepEqual(
      [0, 300, 390, 480, 500, 900, 4000].map((px) => highestUseful(LEVELS, px)),
      [2, 0, 0, 1, 1, 2, 2],
    );
  });
});

describe('level while playing', () => {
  const input = { levels: LEVELS, viewHeightPx: 1080, maxLevel: Number.POSITIVE_INFINITY };

  it('goes down at once when the line does not carry the level', () => {
    assert.equal(new LevelChooser().choose({ ...input, nowMs: 0, current: 2, estimateBps: 1_000_000 }), 0);
    assert.equal(new LevelChooser().choose({ ...input, nowMs: 0, current: 2, estimateBps: 2_500_000 }), 1);
  });

  it('goes down when the network carries the level with less than a tenth to spare', () => {
    const bitrateBps = LEVELS[2]?.bitrateBps ?? 0;
    const choose = (estimateBps: number) =>
      new LevelChooser().choose({ ...input, nowMs: 0, current: 2, estimateBps });
    assert.equal(choose(bitrateBps * 1.05), 1);
    assert.equal(choose(bitrateBps * 1.15), 2);
  });

  it('goes up a step at a time, with six seconds between', () => {
    const chooser = new LevelChooser();
    assert.equal(chooser.choose({ ...input, nowMs: 0, current: 0, estimateBps: 20e6 }), 1);
    assert.equal(chooser.choose({ ...input, nowMs: 5000, current: 1, estimateBps: 20e6 }), 1);
    assert.equal(chooser.choose({ ...input, nowMs: 7000, current: 1, estimateBps: 20e6 }), 2);
  });

  it('goes down after two stalls, and not up again at once', () => {
    const chooser = new LevelChooser();
    chooser.stalled(1000);
    chooser.stalled(2000);
    assert.equal(chooser.choose({ ...input, nowMs: 2000, current: 2, estimateBps: 20e6 }), 1);
    assert.equal(chooser.choose({ ...input, nowMs: 10_000, current: 1, estimateBps: 20e6 }), 1);
    assert.equal(chooser.choose({ ...input, nowMs: 20_000, current: 1, estimateBps: 20e6 }), 2);
  });

  it('forgets stalls after ten seconds, also those at the lowest level', () => {
    const chooser = new LevelChooser();
    chooser.stalled(1000);
    chooser.stalled(2000);
    assert.equal(chooser.choose({ ...input, nowMs: 2000, current: 0, estimateBps: 20e6 }), 0);
    assert.equal(chooser.choose({ ...input, nowMs: 13_000, current: 0, estimateBps: 20e6 }), 1);
    assert.equal(chooser.choose({ ...input, nowMs: 20_000, current: 1, estimateBps: 20e6 }), 2);
  });

  it('goes down to what the machine can decode at once, and up again one level at a time', () => {
    const chooser = new LevelChooser();
    const at = (nowMs: number, current: number, maxLevel: number) =>
      chooser.choose({ ...input, nowMs, current, estimateBps: 20e6, maxLevel });
    assert.equal(at(10_000, 2, 0), 0);
    assert.equal(at(100_000, 0, 0), 0);
    assert.equal(at(110_000, 0, 1), 1);
    assert.equal(at(150_000, 1, Number.POSITIVE_INFINITY), 2);
  });

  it('becomes less eager on a line that carries a level only at times: at most a change in 20 s after five minutes', () => {
    const chooser = new LevelChooser();
    let current = 1;
    const changes: number[] = [];
    for (let nowMs = 0; nowMs < 900_000; nowMs += 500) {
      // Looks wide while little is asked of it, and is narrow when it is used.
      const estimateBps = current === 2 ? 2_000_000 : 6_000_000;
      const next = chooser.choose({ ...input, nowMs, current, estimateBps });
      if (next !== current) changes.push(nowMs);
      current = next;
    }
    const late = changes.filter((atMs) => atMs > 300_000);
    assert.ok(late.length <= 30, `${late.length} changes in ten minutes`);
  });

  it('always names a level that exists', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            current: fc.integer({ min: 0, max: 5 }),
            estimateBps: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true })),
            stalled: fc.boolean(),
            maxLevel: fc.constantFrom(0, 1, 2, Number.POSITIVE_INFINITY),
            viewHeightPx: fc.integer({ min: 0, max: 5000 }),
          }),
        ),
        (steps) => {
          const chooser = new LevelChooser();
          steps.forEach((step, i) => {
            if (step.stalled) chooser.stalled(i * 1000);
            const level = chooser.choose({ ...input, ...step, nowMs: i * 1000 });
            assert.ok(Number.isInteger(level) && level >= 0 && level < LEVELS.length);
          });
        },
      ),
    );
  });
});
