import assert from 'node:assert/strict';
import { CutParts, cutRanges } from '../../../origin/broadcasts/cut-parts.ts';
import { shownBroadcast } from '../../../origin/broadcasts/shown-broadcast.ts';
import { lesson } from '../support/library-on-stage.ts';

const T = 1_600_000_000_000;
const END = T + 60_800;

describe('the ranges that were cut off', () => {
  for (const { name, broadcasts, want } of [
    { name: 'of a whole class', broadcasts: [lesson('a', T)], want: [] },
    { name: 'at its start', broadcasts: [lesson('a', T, { trimStartMs: T + 1600 })], want: [[T, T + 1600]] },
    {
      name: 'at both ends, the newest first',
      broadcasts: [lesson('a', T, { trimStartMs: T + 1600, trimEndMs: END - 1600 })],
      want: [
        [END - 1600, END],
        [T, T + 1600],
      ],
    },
    { name: 'of a deleted class', broadcasts: [lesson('a', T, { deletedMs: END })], want: [[T, END]] },
    {
      name: 'of a class on air: nothing yet',
      broadcasts: [lesson('a', T, { endMs: null, trimStartMs: T + 1600 })],
      want: [],
    },
    {
      name: 'but not what another class shows',
      broadcasts: [lesson('a', T, { deletedMs: END }), lesson('b', T + 16_000, { endMs: T + 32_000 })],
      want: [
        [T + 32_000, END],
        [T, T + 16_000],
      ],
    },
    {
      name: 'but not of a class on air that began in it',
      broadcasts: [lesson('a', T, { trimEndMs: T + 16_000 }), lesson('b', T + 32_000, { endMs: null })],
      want: [[T + 16_000, T + 32_000]],
    },
  ]) {
    it(name, () =>
      assert.deepEqual(
        cutRanges(broadcasts).map(({ fromMs, toMs }) => [fromMs, toMs]),
        want,
      ),
    );
  }

  it('hold whole segments, on both grids, and nothing of what stands at an edge', () => {
    const cuts = new CutParts(
      {
        of: () => [lesson('a', 1_600_000_000, { endMs: 1_600_064_000, trimStartMs: 1_600_007_000 })],
        deletedOf: () => [],
        ...{ isLoaded: true, isWhole: () => true },
      },
      () => 0,
    );
    const plain = [1_000_000, 1_000_003, 1_000_004, 1_000_005].map((number) =>
      cuts.hasSegment('hall-7', number),
    );
    assert.deepEqual(plain, [true, true, false, false]);
    const double = [500_000, 500_001, 500_002].map((number) => cuts.hasSegment('hall-7', number));
    assert.deepEqual(double, [true, true, false]);
  });

  it('are not known before the library is loaded, and at once when it is', () => {
    const deleted = [lesson('a', T, { deletedMs: END })];
    const library = { isLoaded: false, of: () => [], deletedOf: () => (library.isLoaded ? deleted : []) };
    const cuts = new CutParts(Object.assign(library, { isWhole: () => library.isLoaded }), () => END);
    const range = { fromMs: T, toMs: T + 1600 };
    assert.equal(cuts.isSure('hall-7'), false);
    assert.throws(() => cuts.touches('hall-7', range), { code: 'library-loading', status: 503 });
    assert.equal(cuts.hasSegment('hall-7', T / 1600), false);
    library.isLoaded = true;
    assert.equal(cuts.hasSegment('hall-7', T / 1600), true);
    assert.equal(cuts.touches('hall-7', range), true);
    assert.equal(cuts.isSure('hall-7'), true);
  });

  it('are remembered of so many channels, whatever is asked for', () => {
    const asked: string[] = [];
    const of = (channel: string): [] => {
      asked.push(channel);
      return [];
    };
    const library = { of, deletedOf: () => [], isLoaded: true, isWhole: () => true };
    const cuts = new CutParts(library, () => 0);
    for (let i = 0; i < 10_000; i += 1) cuts.hasSegment(`x${i}`, 1);
    cuts.hasSegment('x9999', 1);
    assert.equal(asked.length, 10_000, 'the newest is remembered');
    cuts.hasSegment('x0', 1);
    assert.equal(asked.length, 10_001, 'the oldest is not');
  });

  it('are not told to who may not edit', () => {
    const broadcast = lesson('a', T, {
      ...{ trimStartMs: T + 10_000, trimEndMs: T + 50_000 },
      gaps: [
        { startMs: T + 2000, endMs: T + 3000 },
        { startMs: T + 9000, endMs: T + 12_000 },
        { startMs: T + 49_000, endMs: T + 55_000 },
      ],
    });
    const shown = shownBroadcast(broadcast);
    assert.deepEqual(
      Object.keys(shown).filter((key) => key.startsWith('trim')),
      [],
    );
    assert.deepEqual([shown.startMs, shown.endMs], [T + 10_000, T + 50_000]);
    assert.deepEqual(shown.gaps, [
      { startMs: T + 10_000, endMs: T + 12_000 },
      { startMs: T + 49_000, endMs: T + 50_000 },
    ]);
    const whole = lesson('a', T);
    assert.equal(shownBroadcast(whole), whole);
  });
});
