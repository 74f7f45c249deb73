import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SHED_STEPS } from '../../../config/schema.ts';
import { pixelCost } from '../../../transcode/plan/plan-cost.ts';
import { planLevels } from '../../../transcode/plan/plan-level.ts';
import { type EncoderReading, StepController } from '../../../transcode/plan/step-controller.ts';

const rungs = [720, 480, 360].map((heightPx) => ({
  ...{ id: `${heightPx}p`, heightPx, widthPx: (heightPx * 16) / 9 },
  ...{ bitRateKbps: 1, maxRateKbps: 1, bufferKbits: 1 },
}));
const plans = planLevels(rungs, 'superfast', SHED_STEPS, true, () => true);
const [best] = rungs;
assert.ok(best !== undefined);
const cost = pixelCost({ width: 1280, height: 720 }, best, 25);

const CALM = {
  lagMs: 60,
  rate: 1,
  share: 1,
  silentMs: 0,
  isChanging: false,
  roomCores: null,
  idleCores: null,
};

/** Lets time pass in steps of 100 ms with the same reading; the changes with the time at which they came. */
function run(
  controller: StepController,
  fromMs: number,
  forMs: number,
  reading: Partial<EncoderReading>,
): { readonly atMs: number; readonly level: number; readonly reason: string }[] {
  const changes = [];
  for (let nowMs = fromMs; nowMs < fromMs + forMs; nowMs += 100) {
    const change = controller.decide({ ...CALM, ...reading, nowMs });
    if (change !== null) changes.push({ atMs: nowMs - fromMs, ...change });
  }
  return changes;
}
const started = (): StepController => {
  const controller = new StepController({ plans, cost });
  run(controller, 0, 5000, {});
  return controller;
};

describe('steps down', () => {
  const cases: { name: string; reading: Partial<EncoderReading>; want: string | null }[] = [
    { name: 'no lag: none', reading: {}, want: null },
    { name: 'lag below the line: none', reading: { lagMs: 480, rate: 0.9, share: 0.9 }, want: null },
    { name: 'a backlog that shrinks quickly: none', reading: { lagMs: 2500, rate: 1.6 }, want: null },
    { name: 'while encoders start: none', reading: { lagMs: 2500, rate: 0.2, isChanging: true }, want: null },
    {
      name: 'lag and idle cores: rungs in parallel',
      reading: { lagMs: 700, rate: 0.9, share: 0.9, roomCores: 0.1, idleCores: 0.9 },
      want: 'parallel',
    },
    {
      name: 'lag, nobody knows of idle cores: the first plan that fits',
      reading: { lagMs: 700, rate: 0.9, share: 0.9 },
      want: 'preset',
    },
    {
      name: 'lag and no idle core: the first plan that fits',
      reading: { lagMs: 700, rate: 0.95, share: 0.95, roomCores: 0.9, idleCores: 0 },
      want: 'preset',
    },
    {
      name: 'half of what is needed: three steps at once',
      reading: { lagMs: 700, rate: 0.5, share: 0.5, roomCores: 0 },
      want: 'top-rung',
    },
    {
      name: 'no idle core, and far behind: a plan that can make it good',
      reading: { lagMs: 1300, rate: 0.95, share: 0.95, roomCores: 0, idleCores: 0 },
      want: 'top-rung',
    },
    {
      name: 'next to nothing: the publisher’s own pictures',
      reading: { lagMs: 700, rate: 0.05, share: 0.05, roomCores: 0 },
      want: 'copy',
    },
    {
      name: 'an encoder that does nothing: the same plan again',
      reading: { lagMs: 900, rate: 0.4, share: 0.4, silentMs: 800 },
      want: 'full',
    },
  ];
  for (const { name, reading, want } of cases) {
    it(name, () => {
      const [change] = run(started(), 5000, 2000, reading);
      assert.equal(change === undefined ? null : plans[change.level]?.name, want);
      // Within 2 s of the line.
      assert.ok(change === undefined || change.atMs <= 500);
    });
  }

  it('a step is judged once its encoders had time to catch up', () => {
    const controller = started();
    run(controller, 5000, 400, { lagMs: 700, rate: 0.9, share: 0.9, roomCores: 0 });
    const late = { lagMs: 700, rate: 0.8, share: 0.8, roomCores: 0 };
    assert.deepEqual(run(controller, 5400, 1100, late), []);
    assert.equal(run(controller, 6500, 1000, late).length, 1);
  });

  it('an encoder that does nothing again is replaced by a lighter plan', () => {
    const controller = started();
    const stuck = { lagMs: 900, rate: 0, share: 0, silentMs: 900, roomCores: 0 };
    assert.deepEqual(
      run(controller, 5000, 400, stuck).map(({ level }) => level),
      [0],
    );
    run(controller, 5400, 5000, {});
    assert.ok(run(controller, 10_400, 400, stuck).every(({ level }) => level > 0));
  });

  it('at the last level encoders are replaced less and less often', () => {
    const controller = new StepController({ plans: plans.slice(0, 2), cost, startLevel: 1 });
    const late = { lagMs: 2000, rate: 0.5, share: 0.5, roomCores: 0 };
    const changes = run(controller, 0, 120_000, late);
    const pauses = changes.map(({ atMs }, at) => atMs - (changes[at - 1]?.atMs ?? 0));
    assert.ok(changes.length >= 3 && changes.length <= 6, `${changes.length}`);
    pauses.slice(1).forEach((pause, at) => assert.ok(pause >= (pauses[at] ?? 0)));
  });
});

describe('steps up', () => {
  const lightest = plans.length - 1;
  const shed = (): StepController => new StepController({ plans, cost, startLevel: lightest });

  it('the first after half a minute, then one after the other, back at the full ladder within a minute', () => {
    const changes = run(shed(), 0, 60_000, { roomCores: 1.2 });
    assert.ok((changes[0]?.atMs ?? 0) >= 30_000);
    assert.deepEqual(
      changes.map(({ level }) => level),
      [5, 4, 3, 2, 0],
    );
  });

  it('none without room, and half a minute of room from then on', () => {
    const controller = shed();
    assert.deepEqual(run(controller, 0, 120_000, { roomCores: 0 }), []);
    assert.deepEqual(run(controller, 120_000, 29_000, { roomCores: 1 }), []);
    assert.equal(run(controller, 149_000, 2500, { roomCores: 1 }).length, 1);
  });

  it('none while pictures wait', () => {
    assert.deepEqual(run(shed(), 0, 120_000, { lagMs: 400, roomCores: 1 }), []);
  });

  it('twice as late after each regret', () => {
    const controller = new StepController({ plans: plans.slice(0, 2), cost, startLevel: 1 });
    let since = 0;
    const measured: number[] = [];
    for (let at = 0; at < 900_000; at += 100) {
      const isLate = controller.level === 0;
      const change = controller.decide({
        ...CALM,
        ...(isLate ? { lagMs: 700, rate: 0.8, share: 0.8 } : {}),
        nowMs: at,
      });
      if (change?.reason === 'room') measured.push(at - since);
      if (change?.reason === 'lag') since = at;
    }
    assert.deepEqual(
      measured.map((ms) => Math.round(ms / 1000)),
      [30, 60, 120, 240],
    );
  });

  it('any load: a level of the list, no step up while pictures wait', () => {
    const reading = fc.record({
      lagMs: fc.constantFrom(0, 100, 300, 600, 2000),
      rate: fc.double({ min: 0, max: 2, noNaN: true }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      silentMs: fc.constantFrom(0, 300, 900),
      isChanging: fc.boolean(),
      roomCores: fc.constantFrom(null, 0, 0.2, 1),
      idleCores: fc.constantFrom(null, 0, 0.2, 1),
      forMs: fc.constantFrom(100, 1000, 40_000),
    });
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 30 }), (loads) => {
        const controller = new StepController({ plans, cost });
        let nowMs = 0;
        for (const { forMs, ...load } of loads) {
          for (const end = nowMs + forMs; nowMs < end; nowMs += 100) {
            const before = controller.level;
            const change = controller.decide({ ...load, nowMs });
            if (change === null) continue;
            assert.ok(plans[change.level] !== undefined);
            if (change.reason === 'room') assert.ok(load.lagMs <= 500 && change.level < before);
            else assert.ok(change.level >= before);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
