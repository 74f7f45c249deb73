import assert from 'node:assert/strict';
import { planLevels } from '../../../transcode/plan/plan-level.ts';
import { type EncoderReading, StepController } from '../../../transcode/plan/step-controller.ts';
import { RUNGS } from './plans.ts';

describe('plan of a broadcast whose worker has no room', () => {
  const plans = planLevels(
    RUNGS,
    'superfast',
    ['preset', 'top-rung', 'half-rate', 'one-rung', 'copy'],
    true,
    () => true,
  );
  const cost = (plan: { readonly groups: readonly unknown[] }): number => plan.groups.length;
  const calm = (nowMs: number, grantedLevel: number): EncoderReading => ({
    ...{ nowMs, lagMs: 0, rate: 1, share: 1, silentMs: 0, isChanging: false, roomCores: 10, idleCores: 10 },
    grantedLevel,
  });

  it('goes down at once when others need the room, and stays there however calm it is', () => {
    const controller = new StepController({ plans, cost });
    assert.deepEqual(controller.decide(calm(0, 2)), { level: 2, reason: 'capacity' });
    for (let ms = 100; ms < 200_000; ms += 100) assert.equal(controller.decide(calm(ms, 2)), null);
  });

  it('comes back step by step when there is room again', () => {
    const controller = new StepController({ plans, cost, startLevel: 2 });
    const levels = new Set<number>();
    for (let ms = 0; ms < 60_000; ms += 100) {
      controller.decide(calm(ms, ms < 10_000 ? 2 : 0));
      levels.add(controller.level);
    }
    assert.deepEqual([...levels], [2, 1, 0]);
  });

  it('has a lightest level, below which nothing is asked of it', () => {
    const controller = new StepController({ plans, cost });
    assert.deepEqual(controller.decide(calm(0, 99)), { level: 5, reason: 'capacity' });
    assert.equal(controller.decide(calm(100, 99)), null);
  });
});
