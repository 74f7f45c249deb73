import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SHED_STEPS, type ShedStep } from '../../../config/schema.ts';
import type { PlannedRung } from '../../../transcode/ladder-plan.ts';
import { planLevels, tracksOf } from '../../../transcode/plan/plan-level.ts';
import { pixelCost } from '../../../transcode/plan/plan-cost.ts';

const rung = (heightPx: number): PlannedRung => ({
  ...{ id: `${heightPx}p`, heightPx, widthPx: (heightPx * 16) / 9 },
  ...{ bitRateKbps: heightPx, maxRateKbps: heightPx, bufferKbits: heightPx },
});
const THREE = [rung(720), rung(480), rung(360)];

/** A level in one line: its name, its groups as `rungs/preset/step`, and what is away. */
const lines = (
  rungs: readonly PlannedRung[],
  preset: string,
  steps: readonly ShedStep[],
  canCopy: boolean,
  fitsTogether = true,
): string[] =>
  planLevels(rungs, preset, steps, canCopy, () => fitsTogether).map(
    ({ level, name, groups, copyTrack, away }) => {
      const encoded = groups.map(
        ({ rungs, preset, frameStep }) => `${rungs.map(({ id }) => id).join('+')}/${preset}/${frameStep}`,
      );
      return [
        level,
        name,
        ...encoded,
        ...(copyTrack === null ? [] : [`copy ${copyTrack}`]),
        `-${away.join()}`,
      ].join(' ');
    },
  );

describe('the levels of a plan', () => {
  it('three rungs give up one thing after the other', () => {
    assert.deepEqual(lines(THREE, 'superfast', SHED_STEPS, true), [
      '0 full 720p+480p+360p/superfast/1 -',
      '1 parallel 720p/superfast/1 480p/superfast/1 360p/superfast/1 -',
      '2 preset 720p+480p+360p/ultrafast/1 -',
      '3 top-rung 480p+360p/ultrafast/1 -720p',
      '4 half-rate 480p+360p/ultrafast/2 -720p',
      '5 one-rung 360p/ultrafast/2 -720p,480p',
      '6 copy copy 720p -480p,360p',
    ]);
  });

  it('rungs that one core cannot encode stay in parallel', () => {
    assert.deepEqual(lines(THREE, 'superfast', ['parallel', 'preset', 'top-rung'], true, false).slice(2), [
      '2 preset 720p/ultrafast/1 480p/ultrafast/1 360p/ultrafast/1 -',
      '3 top-rung 480p/ultrafast/1 360p/ultrafast/1 -720p',
    ]);
  });

  it('the order is that of the setting, and a step that changes nothing is no level', () => {
    assert.deepEqual(lines(THREE, 'ultrafast', ['copy', 'half-rate'], true), [
      '0 full 720p+480p+360p/ultrafast/1 -',
      '1 copy copy 720p -480p,360p',
    ]);
    assert.deepEqual(
      lines(THREE, 'ultrafast', ['one-rung', 'parallel', 'preset', 'top-rung', 'copy'], false),
      ['0 full 720p+480p+360p/ultrafast/1 -', '1 one-rung 360p/ultrafast/1 -720p,480p'],
    );
    assert.deepEqual(lines([rung(360)], 'superfast', [], true), ['0 full 360p/superfast/1 -']);
  });

  it('any ladder, any steps: every rung is produced or away, and only parallel rungs cost more', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom(1080, 720, 480, 360, 240), { minLength: 1 }),
        fc.shuffledSubarray([...SHED_STEPS]),
        fc.boolean(),
        (heights, steps, canCopy) => {
          const rungs = heights.toSorted((a, b) => b - a).map(rung);
          const [best] = rungs;
          assert.ok(best !== undefined);
          const cost = pixelCost({ width: 1280, height: 720 }, best, 25);
          const levels = planLevels(rungs, 'superfast', steps, canCopy, () => true);
          levels.forEach((plan, at) => {
            assert.equal(plan.level, at);
            assert.deepEqual(
              [...tracksOf(plan), ...plan.away].toSorted(),
              rungs.map(({ id }) => id).toSorted(),
            );
            const before = levels[at - 1];
            if (before !== undefined && plan.name !== 'parallel')
              assert.ok(cost(plan) < cost(before), plan.name);
          });
        },
      ),
    );
  });
});
