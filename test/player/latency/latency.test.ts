import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LatencyController, type PlayheadSample } from '../../../player/latency/latency-controller.ts';
import { LatenessTracker } from '../../../player/latency/lateness.ts';
import { tuningFor } from '../../../player/latency/tuning.ts';
import { type Outcome, simulate } from './playback-model.ts';

const NETWORK_MS = 30;

/** Numbers that look random and are the same at each run. */
function noise(seed: number): (part: number) => number {
  return (part) => {
    const x = Math.sin(part * 12.9898 + seed * 78.233) * 43758.5453;
    return x - Math.floor(x);
  };
}

function lagsAfter(outcome: Outcome, fromMs: number): number[] {
  return outcome.steps.filter((step) => step.atMs >= fromMs).map((step) => step.lagMs);
}

describe('lateness of parts', () => {
  it('is a part and the network, although sound is cut every 192 ms and picture every 200 ms', () => {
    const tracker = new LatenessTracker(200);
    const landed = (partMs: number, nowMs: number) => {
      const segmentMs = Math.floor((nowMs - NETWORK_MS) / 1600) * 1600;
      const within = Math.floor((nowMs - NETWORK_MS - segmentMs) / partMs) * partMs;
      return segmentMs + within;
    };
    for (let nowMs = 2000; nowMs < 12_000; nowMs += 4) {
      tracker.observe(nowMs, Math.min(landed(192, nowMs), landed(200, nowMs)));
    }
    const highMs = tracker.highMs(300) ?? 0;
    assert.ok(highMs >= 200 + NETWORK_MS - 4 && highMs <= 200 + NETWORK_MS + 4, `${highMs}`);
  });
});

describe('lateness of irregular parts', () => {
  /** Parts of 0.2 s whose lateness is 230 ms; `extraMs` delays single ones. */
  const observed = (count: number, extraMs: (part: number) => number): LatenessTracker => {
    const tracker = new LatenessTracker(200);
    for (let part = 0; part < count; part++) {
      tracker.observe(part * 200 + 229 + extraMs(part), part * 200);
      tracker.observe(part * 200 + 230 + extraMs(part), (part + 1) * 200);
    }
    return tracker;
  };

  it('counts a burst once: parts right behind another were delayed with it', () => {
    const regular = observed(10, () => 0).count();
    const tracker = observed(10, () => 0);
    for (let part = 10; part < 13; part++) tracker.observe(13 * 200 + 230 + part, (part + 1) * 200);
    assert.equal(tracker.count(), regular + 1);
  });

  it('is never more than the allowed jitter above the usual lateness', () => {
    const tracker = observed(60, (part) => (part === 30 || part === 40 ? 150 : 0));
    assert.equal(tracker.usualMs(), 230);
    assert.equal(tracker.highMs(100), 330);
    assert.equal(tracker.highMs(1000), 380);
  });
});

describe('latency controller', () => {
  const steadyCases = [
    {
      name: 'fast, starting a part and a half back',
      partTargetMs: 200,
      startBufferMs: 350,
      withinMs: 405,
      afterMs: 8000,
    },
    { name: 'fast, starting close', partTargetMs: 200, startBufferMs: 210, withinMs: 405, afterMs: 8000 },
    {
      name: 'fast, starting a second back, by its speed alone',
      partTargetMs: 200,
      startBufferMs: 1000,
      withinMs: 405,
      afterMs: 8000,
    },
    {
      name: 'fast, starting 2.5 s back, by a jump',
      partTargetMs: 200,
      startBufferMs: 2500,
      withinMs: 405,
      afterMs: 8000,
      jumps: 1,
    },
    { name: 'steady', partTargetMs: 400, startBufferMs: 700, withinMs: 700, afterMs: 12_000 },
    { name: 'broad', partTargetMs: 800, startBufferMs: 1400, withinMs: 1350, afterMs: 20_000 },
  ];
  for (const { name, partTargetMs, startBufferMs, withinMs, afterMs, jumps = 0 } of steadyCases) {
    it(`comes to its goal, stays there at speed 1 and never runs dry: ${name}`, () => {
      const outcome = simulate({ partTargetMs, startBufferMs, lastsMs: 60_000, delayMs: () => NETWORK_MS });
      assert.deepEqual(outcome.stallsAtMs, []);
      assert.equal(outcome.seeksAtMs.length, jumps);
      assert.ok(
        Math.max(...lagsAfter(outcome, afterMs)) <= withinMs,
        `lag ${Math.max(...lagsAfter(outcome, afterMs))}`,
      );
      const late = outcome.steps.filter((step) => step.atMs >= afterMs + 5000);
      assert.ok(late.every((step) => step.rate === 1));
    });
  }

  it('keeps less than 145 ms buffered just before a part lands, on a quiet line at 0.2 s parts', () => {
    const outcome = simulate({ partTargetMs: 200, lastsMs: 30_000, delayMs: () => NETWORK_MS });
    const least = Math.min(
      ...outcome.steps.filter((step) => step.atMs > 10_000).map((step) => step.bufferMs),
    );
    assert.ok(least > 90 && least < 145, `least ${least}`);
  });

  it('learns jitter: after the first seconds nothing runs dry, whatever the jitter up to a part', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(200, 400, 800),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        fc.integer({ min: 0, max: 1000 }),
        (partTargetMs, share, seed) => {
          const random = noise(seed);
          const delayMs = (part: number) => NETWORK_MS + random(part) * share * partTargetMs;
          const outcome = simulate({ partTargetMs, lastsMs: 90_000, delayMs });
          assert.deepEqual(
            outcome.stallsAtMs.filter((atMs) => atMs > 20_000),
            [],
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('does not oscillate: speed changes a dozen times at most in 100 s of jitter, once it has settled', () => {
    const random = noise(7);
    const delayMs = (part: number) => NETWORK_MS + random(part) * 60;
    const outcome = simulate({ partTargetMs: 200, lastsMs: 120_000, delayMs });
    const settled = outcome.steps.filter((step) => step.atMs > 20_000);
    const changes = settled.filter((step, i) => i > 0 && step.rate !== settled[i - 1]?.rate).length;
    assert.ok(changes <= 12, `${changes} changes`);
    assert.ok(settled.every((step) => step.rate >= 0.95 && step.rate <= 1.1));
  });

  it('a jitter smaller than the margin costs no stall at all, from the first second on', () => {
    const random = noise(3);
    const outcome = simulate({
      partTargetMs: 200,
      lastsMs: 60_000,
      delayMs: (part) => NETWORK_MS + random(part) * 50,
    });
    assert.deepEqual(outcome.stallsAtMs, []);
  });

  it('a gap of one second stalls once, and the latency comes back', () => {
    const delayMs = (_part: number, madeAtMs: number) =>
      madeAtMs > 30_000 && madeAtMs < 31_000 ? NETWORK_MS + 31_000 - madeAtMs : NETWORK_MS;
    const outcome = simulate({ partTargetMs: 200, lastsMs: 90_000, delayMs });
    assert.equal(outcome.stallsAtMs.length, 1);
    assert.ok(
      Math.max(...lagsAfter(outcome, 60_000)) < 480,
      `lag ${Math.max(...lagsAfter(outcome, 60_000))}`,
    );
  });

  it('what a stall has cost is caught up within five seconds, without leaving out a word', () => {
    const delayMs = (_part: number, madeAtMs: number) =>
      madeAtMs > 30_000 && madeAtMs < 30_700 ? NETWORK_MS + 30_700 - madeAtMs : NETWORK_MS;
    const outcome = simulate({ partTargetMs: 200, lastsMs: 60_000, delayMs });
    const [stalledAtMs = 0, ...more] = outcome.stallsAtMs;
    assert.ok(stalledAtMs > 10_000 && more.length === 0, outcome.stallsAtMs.join());
    const ofThen = outcome.steps.filter(({ atMs }) => atMs > stalledAtMs && atMs < stalledAtMs + 5500);
    assert.ok(Math.max(...ofThen.map(({ lagMs }) => lagMs)) > 600);
    assert.ok((ofThen.at(-1)?.lagMs ?? 9999) < 500, `${ofThen.at(-1)?.lagMs}`);
    assert.deepEqual(outcome.seeksAtMs, []);
  });

  it('an encoder that fell five seconds behind and caught up is not waited for any longer', () => {
    const delayMs = (_part: number, madeAtMs: number) =>
      madeAtMs > 20_000 && madeAtMs < 40_000 ? Math.min(5000, 40_000 - madeAtMs) + NETWORK_MS : NETWORK_MS;
    const outcome = simulate({ partTargetMs: 200, lastsMs: 70_000, delayMs });
    assert.ok(outcome.stallsAtMs.length <= 3, `${outcome.stallsAtMs.length} stalls`);
    assert.ok(Math.max(...lagsAfter(outcome, 60_000)) < 480, `${Math.max(...lagsAfter(outcome, 60_000))}`);
  });

  it('parts that come in bursts of three are waited for, not chased', () => {
    const delayMs = (part: number) => NETWORK_MS + (2 - (part % 3)) * 200;
    const outcome = simulate({ partTargetMs: 200, startBufferMs: 700, lastsMs: 60_000, delayMs });
    assert.deepEqual(
      outcome.stallsAtMs.filter((atMs) => atMs > 5000),
      [],
    );
  });

  it('jumps when it is seconds behind, once, and is then near its goal', () => {
    const outcome = simulate({
      partTargetMs: 200,
      startBufferMs: 6000,
      lastsMs: 20_000,
      delayMs: () => NETWORK_MS,
    });
    assert.equal(outcome.seeksAtMs.length, 1);
    assert.ok(Math.max(...lagsAfter(outcome, 8000)) <= 400);
  });

  it('never changes speed or place while the viewer is not following live', () => {
    const outcome = simulate({
      partTargetMs: 200,
      startBufferMs: 6000,
      lastsMs: 20_000,
      delayMs: () => NETWORK_MS,
      following: false,
    });
    assert.deepEqual(outcome.seeksAtMs, []);
    assert.equal(outcome.rateChanges, 0);
  });

  it("keeps up with a teacher's clock that is 200 ppm off, either way", () => {
    for (const drift of [1.0002, 0.9998]) {
      const outcome = simulate({ partTargetMs: 200, lastsMs: 300_000, delayMs: () => NETWORK_MS, drift });
      assert.deepEqual(outcome.stallsAtMs, []);
      const late = outcome.steps.filter((step) => step.atMs > 200_000).map((step) => step.bufferMs);
      assert.ok(Math.max(...late) < 400, `buffer ${Math.max(...late)}`);
    }
  });

  it('leaves speed alone within the dead band, and finishes what it began outside of it', () => {
    const controller = new LatencyController(tuningFor(200));
    const goalLagMs = 305;
    const at = (i: number, extraMs: number) => ({
      nowMs: i * 200,
      playheadMs: i * 200 - goalLagMs - extraMs,
      bufferEndMs: i * 200,
      edgeMs: null,
      ready: true,
      moving: true,
      following: true,
    });
    for (let i = 0; i < 60; i++) controller.decide(at(i, 0));
    const extras = [30, -20, 60, 20, 3, 20, -40, -10, 1];
    const rates = extras.map((extraMs, i) => Math.sign(controller.decide(at(60 + i, extraMs)).rate - 1));
    assert.deepEqual(rates, [0, 0, 1, 1, 0, 0, -1, -1, 0]);
  });

  describe('before playback has begun', () => {
    /** What a page that has just loaded its first parts decides, so far behind the end of its playlist. */
    const join = (partTargetMs: number) => {
      const controller = new LatencyController(tuningFor(partTargetMs));
      return (behindMs: number, change: Partial<PlayheadSample> = {}) =>
        controller.decide({
          ...{ nowMs: 100_000, playheadMs: 50_000, bufferEndMs: 50_400, edgeMs: 50_000 + behindMs },
          ...{ ready: true, moving: false, following: true },
          ...change,
        }).seekToMs;
    };

    it('never starts more than 3 s behind the edge of a playlist with parts of 0.2 s, buffered or not', () => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 60_000 }), fc.boolean(), (behindMs, moving) => {
          const seekToMs = join(200)(behindMs, { moving }) ?? 50_000;
          assert.ok(50_000 + behindMs - seekToMs <= 3000, `starts at ${seekToMs}`);
        }),
      );
    });

    const joinCases: {
      name: string;
      behindMs: number;
      change?: Partial<PlayheadSample>;
      want: number | null;
    }[] = [
      { name: 'far behind', behindMs: 18_000, want: 67_800 },
      { name: 'a little behind, which speed recovers', behindMs: 1300, want: null },
      { name: 'no picture yet', behindMs: 18_000, change: { ready: false }, want: null },
      { name: 'a viewer who stays behind', behindMs: 18_000, change: { following: false }, want: null },
      { name: 'a playlist that is late itself', behindMs: 400, change: { nowMs: 120_000 }, want: null },
      { name: 'no playlist', behindMs: 18_000, change: { edgeMs: null }, want: null },
    ];
    for (const { name, behindMs, change, want } of joinCases) {
      it(`${want === null ? 'stays' : 'jumps'}: ${name}`, () => {
        assert.equal(join(200)(behindMs, change), want);
      });
    }

    it('jumps twice at most before it plays: a busy machine would chase live for ever', () => {
      const decide = join(200);
      assert.deepEqual(
        [5000, 5000, 5000].map((behindMs) => decide(behindMs)),
        [54_800, 54_800, null],
      );
    });
  });

  it('a stall that ends with a second of media waiting is left by a jump, not by waiting for more', () => {
    const controller = new LatencyController(tuningFor(200));
    const sample = { edgeMs: null, ready: true, moving: true, following: true };
    for (let i = 0; i < 300; i++)
      controller.decide({ ...sample, nowMs: i * 200, playheadMs: i * 200 - 305, bufferEndMs: i * 200 });
    const nowMs = 300 * 200 + 900;
    const stuck = { ...sample, nowMs, playheadMs: nowMs - 1205, bufferEndMs: nowMs - 50, moving: false };
    assert.equal(controller.decide(stuck).seekToMs, null);
    controller.stalled(nowMs - 800);
    const { seekToMs } = controller.decide(stuck);
    assert.ok(seekToMs !== null && seekToMs < nowMs - 250 && seekToMs > nowMs - 500, `${seekToMs}`);
  });

  describe('when it knows its goal', () => {
    /** A controller that has seen a minute of regular parts, at its goal of 305 ms. */
    const settled = () => {
      const controller = new LatencyController(tuningFor(200));
      const at = (nowMs: number, playheadMs: number, bufferEndMs: number, edgeMs: number | null = null) =>
        controller.decide({
          ...{ nowMs, playheadMs, bufferEndMs, edgeMs },
          ...{ ready: true, moving: true, following: true },
        });
      for (let i = 0; i < 300; i++) at(i * 200, i * 200 - 305, i * 200);
      return at;
    };
    const nowMs = 300 * 200;

    it('does not speed up while hardly anything is buffered', () => {
      assert.equal(settled()(nowMs + 200, nowMs - 240, nowMs - 200).rate, 1);
      assert.ok(settled()(nowMs + 200, nowMs - 340, nowMs - 200).rate > 1);
    });

    it('jumps no more than once in three seconds', () => {
      const at = settled();
      const isJump = (atMs: number) => at(atMs, atMs - 6305, atMs).seekToMs !== null;
      assert.deepEqual(
        [0, 200, 2800, 3200].map((afterMs) => isJump(nowMs + afterMs)),
        [true, false, false, true],
      );
    });

    it('does not jump to where nothing is buffered, as long as the server has no more either', () => {
      assert.equal(settled()(nowMs, nowMs - 6305, nowMs - 6000).seekToMs, null);
      assert.equal(settled()(nowMs, nowMs - 6305, nowMs - 6000, nowMs - 6000).seekToMs, null);
    });

    it('jumps beyond the buffer to the edge of the playlist, where that is seconds ahead, once in six seconds', () => {
      const at = settled();
      const seekTo = (afterMs: number) =>
        at(nowMs + afterMs, nowMs - 6305, nowMs - 6000, nowMs + afterMs).seekToMs;
      assert.deepEqual([0, 3100, 6100].map(seekTo), [nowMs - 200, null, nowMs + 5900]);
      const near = settled()(nowMs, nowMs - 2600, nowMs - 2500, nowMs);
      assert.equal(near.seekToMs, null);
    });
  });

  it('each stall moves the goal back a little, and time takes it away again', () => {
    const controller = new LatencyController(tuningFor(200));
    controller.stalled(0);
    controller.stalled(200);
    assert.equal(controller.raiseMs(0), 40);
    assert.equal(controller.raiseMs(30_000), 20);
    for (let i = 0; i < 100; i++) controller.stalled(60_000 + i * 4100);
    assert.equal(controller.raiseMs(60_000 + 99 * 4100), tuningFor(200).maxRaiseMs);
  });

  it('a media timeline that stepped by an hour is learned anew', () => {
    const controller = new LatencyController(tuningFor(200));
    const sample = { edgeMs: null, ready: true, moving: true, following: true };
    for (let i = 0; i < 50; i++) {
      controller.decide({ ...sample, nowMs: i * 200, playheadMs: i * 200, bufferEndMs: i * 200 + 250 });
    }
    for (let i = 50; i < 60; i++) {
      const shiftMs = 3_600_000;
      const bufferEndMs = i * 200 + 250 + shiftMs;
      controller.decide({ ...sample, nowMs: i * 200, playheadMs: i * 200 + shiftMs, bufferEndMs });
    }
    const behindMs = controller.behindMs(60 * 200, 60 * 200 + 3_600_000) ?? Number.NaN;
    assert.ok(Math.abs(behindMs) < 300, `behind ${behindMs}`);
  });
});
