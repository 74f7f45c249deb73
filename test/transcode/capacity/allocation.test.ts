import assert from 'node:assert/strict';
import fc from 'fast-check';
import { allocate, type CoreClaim } from '../../../transcode/capacity/allocation.ts';

/** Full, parallel, cheaper preset, without the top rung, half the frames, one rung, copy: a clip of 720p25. */
const COSTS = [0.61, 0.75, 0.41, 0.25, 0.18, 0.12, 0.02];

function claims(...priorities: number[]): CoreClaim[] {
  return priorities.map((priority, i) => ({ id: String(i), priority, costs: COSTS }));
}

describe('allocation of cores', () => {
  const cases = [
    { name: 'one class has all', cores: 1.6, priorities: [50], want: [0] },
    { name: 'two fit in full', cores: 1.6, priorities: [50, 50], want: [0, 0] },
    {
      name: 'the third makes the younger ones lighter',
      cores: 1.6,
      priorities: [50, 50, 50],
      want: [0, 2, 2],
    },
    { name: 'four on two cores', cores: 1.6, priorities: [50, 50, 50, 50], want: [2, 2, 2, 3] },
    {
      name: 'eight on two cores',
      cores: 1.6,
      priorities: Array.from({ length: 8 }, () => 50),
      want: [3, 3, 4, 4, 4, 4, 4, 4],
    },
    {
      name: 'a lecture stays whole, whenever it came',
      cores: 1.0,
      priorities: [50, 50, 90],
      want: [4, 4, 0],
    },
    { name: 'nothing left: all are on air by copy', cores: 0, priorities: [50, 90], want: [6, 6] },
  ];
  for (const { name, cores, priorities, want } of cases) {
    it(name, () => {
      const levels = allocate(cores, claims(...priorities));
      assert.deepEqual(
        priorities.map((_, i) => levels.get(String(i))),
        want,
      );
    });
  }

  it('begins at the levels that jobs have, and only makes them heavier', () => {
    const running = [
      { id: 'a', priority: 50, costs: COSTS, level: 2 },
      { id: 'b', priority: 50, costs: COSTS, level: 5 },
    ];
    assert.deepEqual(
      [...allocate(0.7, running)],
      [
        ['a', 2],
        ['b', 3],
      ],
    );
    assert.deepEqual(
      [...allocate(0.1, running)],
      [
        ['a', 2],
        ['b', 5],
      ],
    );
  });

  const jobs = fc.array(
    fc.record({
      priority: fc.integer({ min: 1, max: 3 }),
      costs: fc.array(fc.double({ min: 0.01, max: 3, noNaN: true }), { minLength: 1, maxLength: 8 }),
    }),
    { maxLength: 12 },
  );
  const property = fc.tuple(fc.double({ min: 0, max: 16, noNaN: true }), jobs).map(([cores, list]) => ({
    cores,
    list: list.map((job, i): CoreClaim => ({ ...job, id: String(i) })),
  }));

  it('puts every job on air, and never gives away more than there is', () => {
    fc.assert(
      fc.property(property, ({ cores, list }) => {
        const levels = allocate(cores, list);
        const cost = (claim: CoreClaim): number => claim.costs[levels.get(claim.id) ?? -1] ?? Number.NaN;
        const used = list.reduce((sum, claim) => sum + cost(claim), 0);
        const isAnyAboveLightest = list.some((claim) => cost(claim) > Math.min(...claim.costs));
        assert.equal(levels.size, list.length);
        assert.ok(!Number.isNaN(used));
        assert.ok(!isAnyAboveLightest || used <= cores + 1e-6, `${used} of ${cores}`);
      }),
    );
  });

  it('gives a higher priority no lighter plan than the same job has at a lower one', () => {
    fc.assert(
      fc.property(property, fc.nat(), ({ cores, list }, pick) => {
        const chosen = list[pick % Math.max(1, list.length)];
        if (chosen === undefined) return;
        const raised = list.map((claim) => (claim === chosen ? { ...claim, priority: 9 } : claim));
        const before = allocate(cores, list).get(chosen.id) ?? 0;
        const after = allocate(cores, raised).get(chosen.id) ?? 0;
        assert.ok(after <= before, `${after} after ${before}`);
      }),
    );
  });
});
