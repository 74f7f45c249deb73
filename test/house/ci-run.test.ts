import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Started, start } from '../support/process.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { ROOT } from './source-files.ts';

describe('what CI runs', () => {
  let tree: TempDir;
  beforeEach(() => {
    tree = makeTempDir();
    mkdirSync(join(tree.path, '.ci'));
    copyFileSync(join(ROOT, '.ci/run'), join(tree.path, '.ci/run'));
  });
  afterEach(() => tree.remove());

  /** Runs it in a tree whose `lectern` says and ends as given, for all tests and for the unit tests. */
  const run = (all: string, units: string): Started => {
    const path = join(tree.path, 'lectern');
    writeFileSync(
      path,
      `#!/bin/sh\necho "lectern $*"\ncase "$*" in *--units*) ${units} ;; *) ${all} ;; esac\n`,
    );
    chmodSync(path, 0o755);
    return start(join(tree.path, '.ci/run'), []);
  };
  const counts = (line: string, status = 0): string => `echo "${line}"; exit ${status}`;

  const table = [
    {
      name: 'both pass',
      all: counts('12 passed, 0 failed'),
      units: counts('7 passed, 0 failed'),
      line: '19 passed, 0 failed',
      status: 0,
    },
    {
      name: 'the first fails',
      all: counts('12 passed, 2 failed', 1),
      units: counts('7 passed, 0 failed'),
      line: '19 passed, 2 failed',
      status: 1,
    },
    {
      name: 'the second fails',
      all: counts('12 passed, 0 failed'),
      units: counts('6 passed, 1 failed', 1),
      line: '18 passed, 1 failed',
      status: 1,
    },
    {
      name: 'one ends without counts',
      all: 'exit 1',
      units: counts('7 passed, 0 failed'),
      line: '7 passed, 1 failed',
      status: 1,
    },
    {
      name: 'one ends badly after its counts',
      all: counts('12 passed, 0 failed', 7),
      units: counts('7 passed, 0 failed'),
      line: '19 passed, 1 failed',
      status: 1,
    },
    {
      name: 'one counts nothing and ends well',
      all: counts('nothing'),
      units: counts('7 passed, 0 failed'),
      line: '7 passed, 1 failed',
      status: 1,
    },
  ];
  for (const { name, all, units, line, status } of table) {
    it(`ends with one line for both runs: ${name}`, async () => {
      const ci = run(all, units);
      assert.equal(await ci.exited(), status, ci.stderr());
      assert.equal(ci.stdout().split('\n').at(-2), line);
      assert.ok(ci.stdout().endsWith('\n'));
      assert.match(ci.stdout(), /^lectern test$/m);
      assert.match(ci.stdout(), /^lectern test --units --node 24$/m);
    });
  }

  it('says again at its end what failed, of each run that did', async () => {
    const failing =
      'echo "  ✔ one that passes"; echo "  1 failing"; echo "  1) an area"; echo "       breaks:"';
    const ci = run(`${failing}; ${counts('12 passed, 1 failed', 1)}`, 'echo "no such module"; exit 1');
    assert.equal(await ci.exited(), 1, ci.stderr());
    const [, said] = ci.stdout().split('== all tests on Node.js ').slice(1);
    assert.match(said ?? '', /what failed\n {2}1 failing\n {2}1\) an area\n {7}breaks:\n/);
    assert.match(said ?? '', /unit tests on Node\.js 24: what failed[^]*no such module/);
    assert.doesNotMatch(said ?? '', /one that passes/);
  });

  it('reaches its last line however much failed', async () => {
    const ci = run(
      `echo "  9 failing"; seq 1 200000; ${counts('0 passed, 9 failed', 1)}`,
      counts('7 passed, 0 failed'),
    );
    assert.equal(await ci.exited(), 1, ci.stderr());
    assert.equal(ci.stdout().split('\n').at(-2), '7 passed, 9 failed');
  });
});
