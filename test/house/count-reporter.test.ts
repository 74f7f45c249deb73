import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../support/process.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { ROOT } from './source-files.ts';

describe('the last line of a test run', () => {
  let directory: TempDir;
  before(() => {
    directory = makeTempDir();
  });
  after(() => directory.remove());

  const table = [
    {
      name: 'tests that pass',
      text: "it('a', () => {}); it('b', () => {});",
      line: '2 passed, 0 failed',
      status: 0,
    },
    {
      name: 'one that fails, after its reason',
      text: "it('a', () => {}); it('b', () => { throw new Error('the reason'); });",
      line: '1 passed, 1 failed',
      status: 1,
      said: 'the reason',
    },
    {
      name: 'a hook that fails',
      text: "before(() => { throw new Error('x'); }); it('a', () => {});",
      line: '0 passed, 1 failed',
      status: 1,
    },
    { name: 'no test at all', text: '', line: '0 passed, 1 failed', status: 1 },
    {
      name: 'output that comes late',
      text: "it('a', () => { process.on('exit', () => console.log('late')); });",
      line: '1 passed, 0 failed',
      status: 0,
      said: 'late',
    },
    {
      name: 'a process that dies on the way',
      text: "it('a', () => {}); it('b', () => process.exit(3));",
      line: '1 passed, 1 failed',
      status: 3,
    },
  ];
  for (const [at, { name, text, line, status, said = '' }] of table.entries()) {
    it(`counts ${name}`, async () => {
      const file = join(directory.path, `${at}.cjs`);
      writeFileSync(file, text);
      const mocha = start(
        join(ROOT, 'node_modules/.bin/mocha'),
        [
          ...['--no-config', '--node-option', 'import=tsx', '--fail-zero'],
          ...['--reporter', 'test/support/count-reporter.ts', file],
        ],
        { cwd: ROOT },
      );
      assert.equal(await mocha.exited(), status, mocha.stdout() + mocha.stderr());
      assert.equal(mocha.stdout().trimEnd().split('\n').at(-1), line);
      assert.ok(mocha.stdout().includes(said));
    });
  }
});
