import assert from 'node:assert/strict';
import { rowAtMost, rowByRatio } from '../../bench/bench.ts';
import { readCommandLine } from '../../bench/options.ts';
import { readWrk } from '../../bench/load/wrk.ts';
import { figure, markdown, table } from '../../bench/report/table.ts';

const KNOWN = ['glass', 'origin'];

describe('the command line of the benchmarks', () => {
  it('runs all where none is named, and leaves options to each', () => {
    const { names, options } = readCommandLine([], KNOWN);
    assert.deepEqual(names, KNOWN);
    const { burnHard, peer, ...rest } = options;
    assert.deepEqual([burnHard, peer], [false, true]);
    assert.ok(Object.values(rest).every((value) => value === null));
  });

  it('takes names and options in any order', () => {
    const { names, options } = readCommandLine(
      ['--fps', '25,30', 'glass', '--minutes', '0.5', '--profile', 'fast,broad'],
      KNOWN,
    );
    assert.deepEqual(names, ['glass']);
    assert.deepEqual(options.fps, [25, 30]);
    assert.equal(options.minutes, 0.5);
    assert.deepEqual(options.profiles, ['fast', 'broad']);
  });

  it('takes a burner of no core, of one and a half, and one that changes', () => {
    const burnOf = (...args: string[]) => readCommandLine(args, KNOWN).options.burn;
    assert.deepEqual(
      [burnOf('--burn', '0'), burnOf('--burn', '1.5'), burnOf('--burn', 'random')],
      [0, 1.5, 'random'],
    );
    const { options } = readCommandLine(['--burn-hard', '--no-peer', '--scenes', 'burn,stop'], KNOWN);
    assert.deepEqual([options.burnHard, options.peer, options.scenes], [true, false, ['burn', 'stop']]);
  });

  for (const { input, want } of [
    { input: ['speed'], want: /"speed" is not a benchmark: want one of glass, origin/ },
    { input: ['--minutes', '0'], want: /--minutes: want a number above 0/ },
    { input: ['--fps', '25,fast'], want: /--fps: want a number .* got "fast"/ },
    { input: ['--profile', 'slow'], want: /--profile: want fast, steady, broad, got "slow"/ },
    { input: ['--burn', 'much'], want: /--burn: want a number .* got "much"/ },
    { input: ['--colour', 'red'], want: /Unknown option '--colour'/ },
  ]) {
    it(`refuses ${input.join(' ')}`, () => {
      assert.throws(() => readCommandLine(input, KNOWN), { code: 'bad-usage', message: want });
    });
  }
});

describe('rows of a benchmark', () => {
  for (const { name, row, want } of [
    { name: 'at the mark', row: rowAtMost('a', 'ms', 500, 500), want: true },
    { name: 'above the mark', row: rowAtMost('a', 'ms', 501, 500), want: false },
    { name: 'without a mark', row: rowAtMost('a', 'ms', 501, null), want: null },
    { name: 'without a figure', row: rowAtMost('a', 'ms', null, 500), want: null },
    { name: 'a figure of nothing', row: rowAtMost('a', 'ms', Number.NaN, 500), want: null },
    {
      name: 'a ratio that is large enough',
      row: rowByRatio('a', '', 90, 'b', 100, { atLeast: 0.9 }),
      want: true,
    },
    {
      name: 'a ratio that is too small',
      row: rowByRatio('a', '', 89, 'b', 100, { atLeast: 0.9 }),
      want: false,
    },
    {
      name: 'a ratio that is too large',
      row: rowByRatio('a', '', 121, 'b', 100, { atMost: 1.2 }),
      want: false,
    },
    { name: 'no peer', row: rowByRatio('a', '', 121, 'b', null, { atMost: 1.2 }), want: null },
  ]) {
    it(`${name}: met is ${want}`, () => assert.equal(row.met, want));
  }

  for (const { input, want } of [
    { input: null, want: '–' },
    { input: Number.NaN, want: '–' },
    { input: 0, want: '0' },
    { input: 0.1234, want: '0.12' },
    { input: 12.34, want: '12.3' },
    { input: 1234.5, want: '1235' },
  ]) {
    it(`writes ${input} as ${want}`, () => assert.equal(figure(input), want));
  }

  it('stand in columns', () => {
    const lines = table([
      rowAtMost('one', 'ms', 5, 10),
      rowByRatio('another', 'req/s', 200, 'bare', 100, { atLeast: 0.9 }),
    ]).split('\n');
    assert.deepEqual(lines, [
      '              ours  peer     theirs  ratio  mark',
      'one           5 ms                          ≤ 10     reached',
      'another  200 req/s  bare  100 req/s    2 ×  ≥ 0.9 ×  reached',
    ]);
  });

  it('become a Markdown table with date, command and machine', () => {
    const where = { command: './lectern bench x', date: '2026-01-02', machine: '2 cores' };
    const text = markdown('A title', [rowAtMost('one', 'ms', 5, 10)], ['a note'], where);
    assert.ok(text.startsWith('### A title\n\n2026-01-02 · `./lectern bench x` · 2 cores\n\n| what |'));
    assert.ok(text.includes('| one | 5 ms |  |  |  | ≤ 10 | reached |'));
    assert.ok(text.endsWith('- a note\n'));
  });
});

describe("wrk's report", () => {
  const report = 'Running 2s test\n  34000 requests in 2.00s\nRequests/sec:  17196.61\nTransfer/sec: 10MB\n';
  it('gives the rate', () => assert.deepEqual(readWrk(report), { requestsPerS: 17_196.61, failed: 0 }));
  it('gives what failed', () => {
    const failed = `  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 5\n${report}`;
    assert.equal(readWrk(failed).failed, 15);
  });
  it('is refused without a rate', () => assert.throws(() => readWrk('unable to connect'), /no rate/));
});
