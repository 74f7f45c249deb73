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

  /** Runs it in a tree whose `lectern` says and ends as given, for all tests, those on the newest ffmpeg, and the unit tests. */
  const run = (all: string, units: string, newest = counts('3 passed, 0 failed')): Started => {
    const path = join(tree.path, 'lectern');
    const cases = `*--units*) ${units} ;; *--newest-ffmpeg*) ${newest} ;; *) ${all} ;;`;
    writeFileSync(path, `#!/bin/sh\necho "lectern $*"\ncase "$*" in ${cases} esac\n`);
    chmodSync(path, 0o755);
    return start(join(tree.path, '.ci/run'), []);
  };
  const counts = (line: string, status = 0): string => `echo "${line}"; exit ${status}`;

  const table: { name: string; all: string; units: string; newest?: string; line: string; status: number }[] =
    [
      {
        name: 'all pass',
        all: counts('12 passed, 0 failed'),
        units: counts('7 passed, 0 failed'),
        line: '22 passed, 0 failed',
        status: 0,
      },
      {
        name: 'all tests together fail',
        all: counts('12 passed, 2 failed', 1),
        units: counts('7 passed, 0 failed'),
        line: '22 passed, 2 failed',
        status: 1,
      },
      {
        name: 'the unit tests fail',
        all: counts('12 passed, 0 failed'),
        units: counts('6 passed, 1 failed', 1),
        line: '21 passed, 1 failed',
        status: 1,
      },
      {
        name: 'the newest ffmpeg cannot be installed',
        all: counts('12 passed, 0 failed'),
        newest: 'echo "the newest ffmpeg is missing"; exit 1',
        units: counts('7 passed, 0 failed'),
        line: '19 passed, 1 failed',
        status: 1,
      },
      {
        name: 'one ends without counts',
        all: 'exit 1',
        units: counts('7 passed, 0 failed'),
        line: '10 passed, 1 failed',
        status: 1,
      },
      {
        name: 'one ends badly after its counts',
        all: counts('12 passed, 0 failed', 7),
        units: counts('7 passed, 0 failed'),
        line: '22 passed, 1 failed',
        status: 1,
      },
      {
        name: 'one counts nothing and ends well',
        all: counts('nothing'),
        units: counts('7 passed, 0 failed'),
        line: '10 passed, 1 failed',
        status: 1,
      },
    ];
  for (const { name, all, units, newest, line, status } of table) {
    it(`ends with one line for all runs: ${name}`, async () => {
      const ci = run(all, units, newest);
      assert.equal(await ci.exited(), status, ci.stderr());
      assert.equal(ci.stdout().split('\n').at(-2), line);
      assert.ok(ci.stdout().endsWith('\n'));
      assert.match(ci.stdout(), /^lectern test$/m);
      assert.match(ci.stdout(), /^lectern test --newest-ffmpeg$/m);
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
    assert.equal(ci.stdout().split('\n').at(-2), '10 passed, 9 failed');
  });
});
