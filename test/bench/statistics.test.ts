import assert from 'node:assert/strict';
import fc from 'fast-check';
import { coresBetween, processTree, readMachineStat, readProcessStat } from '../../bench/measure/cpu-time.ts';
import { median, percentile, summarize } from '../../bench/measure/statistics.ts';

describe('statistics of the benchmarks', () => {
  for (const { share, want } of [
    { share: 0, want: 1 },
    { share: 0.5, want: 5 },
    { share: 0.95, want: 10 },
    { share: 1, want: 10 },
  ]) {
    it(`share ${share} of 1 to 10 is ${want} (nearest rank)`, () => {
      assert.equal(percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], share), want);
    });
  }

  it('knows nothing of nothing', () => {
    assert.ok(Number.isNaN(median([])));
    assert.equal(summarize([]).count, 0);
    assert.ok(Number.isNaN(summarize([]).p95));
  });

  it('only ever names values that were there, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const { min, p50, p95, p99, max } = summarize(values);
        assert.ok([min, p50, p95, p99, max].every((value) => values.includes(value)));
        assert.ok(min <= p50 && p50 <= p95 && p95 <= p99 && p99 <= max);
        assert.equal(median(values), p50);
      }),
    );
  });
});

describe('CPU time from /proc', () => {
  const line = (pid: number, parent: number, name: string): string =>
    `${pid} (${name}) S ${parent} 1 1 0 -1 4194560 100 200 0 0 150 50 30 20 20 0 1 0 12345`;

  it('reads what the machine did, and what its host took', () => {
    const text = 'cpu  100 200 300 9999 50 10 20 400 0 0\ncpu0 1 2 3\n';
    assert.deepEqual(readMachineStat(text), { all: 6.3, stolen: 4 });
  });

  it('adds user and system time, with that of children that have ended', () => {
    assert.deepEqual(readProcessStat(line(7, 3, 'ffmpeg')), {
      pid: 7,
      parentPid: 3,
      name: 'ffmpeg',
      cpuS: 2.5,
    });
  });

  it('takes names with spaces and parentheses', () => {
    assert.equal(readProcessStat(line(7, 3, 'a (b) c'))?.name, 'a (b) c');
    assert.equal(readProcessStat(line(7, 3, 'a (b) c'))?.parentPid, 3);
  });

  for (const input of ['', 'nonsense', '7 (x', '7 (x) S 3']) {
    it(`gives null for ${JSON.stringify(input)}`, () => assert.equal(readProcessStat(input), null));
  }

  it('finds children and their children, and nobody else', () => {
    const all = [
      { pid: 1, parentPid: 0, name: 'init', cpuS: 1 },
      { pid: 4, parentPid: 3, name: 'grandchild', cpuS: 1 },
      { pid: 3, parentPid: 2, name: 'child', cpuS: 1 },
      { pid: 2, parentPid: 1, name: 'root', cpuS: 1 },
    ];
    assert.deepEqual(
      processTree(2, all).map(({ name }) => name),
      ['root', 'child', 'grandchild'],
    );
    assert.deepEqual(processTree(99, all), []);
  });

  it('tells the cores that were busy; what has ended is not counted below zero', () => {
    assert.deepEqual(coresBetween({ a: 1, b: 5 }, { a: 3, b: 4, c: 1 }, 2), { a: 1, b: 0, c: 0.5 });
  });
});
