import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Machine } from './machine.ts';

/** An npm that installs a Node.js of version 99 as a package; `npm install --prefix FOLDER … PACKAGE@99`. */
const NPM = `case "$1" in
  ci) : > node_modules/.package-lock.json ;;
  run) mkdir -p dist ;;
  install)
    for package in "$@"; do :; done
    home=$3/node_modules/\${package%@*}
    mkdir -p "$home/bin"
    printf '#!/bin/sh\\necho v99.1.0\\n' >"$home/bin/node"
    chmod +x "$home/bin/node"
    ;;
esac`;

/** A mocha that tells its arguments and the Node.js that it would run on. */
const MOCHA = '#!/bin/sh\nprintf "%s\\n" "$(node --version)" "$@"\n';

describe('the script lectern and the Node.js of the tests', () => {
  let machine: Machine;
  let cache: string;
  let env: Readonly<Record<string, string>>;
  beforeEach(() => {
    machine = new Machine();
    machine.addTestPrograms(MOCHA);
    env = machine.addServers();
    machine.add('npm', NPM);
    cache = join(machine.root.path, 'home', '.cache', 'lectern');
  });
  afterEach(() => machine.root.remove());

  it('is another one where that is wanted, installed once, outside the work tree', async () => {
    for (const time of ['first', 'second']) {
      const run = machine.lectern(['test', '--node', '99', 'a.test.ts'], env);
      assert.equal(await run.exited(), 0, run.stderr());
      const [version, ...args] = run.stdout().trim().split('\n');
      assert.equal(version, 'v99.1.0');
      assert.equal(args.at(-1), 'a.test.ts');
      assert.equal(run.stderr().includes('installing Node.js 99'), time === 'first', run.stderr());
    }
    assert.equal(machine.callsOf('npm').filter((call) => call.includes('@99')).length, 1);
    assert.deepEqual(
      readdirSync(cache).filter((name) => name.startsWith('node')),
      ['node-99'],
    );
  });

  it('is that of the machine where that has the version, or none is named', async () => {
    const own = process.version;
    for (const args of [['--node', own.slice(1).split('.')[0] ?? ''], []]) {
      const run = machine.lectern(['test', ...args], env);
      assert.equal(await run.exited(), 0, run.stderr());
      assert.equal(run.stdout().split('\n')[0], own);
    }
    assert.equal(existsSync(join(cache, 'node-99')), false);
  });

  it('says what, why and how, and ends with 1, when it cannot be installed', async () => {
    machine.add('npm', `case "$1" in install) echo "no route" >&2; exit 1 ;; esac\n${NPM}`);
    const run = machine.lectern(['test', '--node', '99'], env);
    assert.equal(await run.exited(), 1);
    assert.match(run.stderr(), /no route/);
    assert.match(run.stderr(), /Node\.js 99 is missing and could not be installed: the tests run on it/);
    assert.match(run.stderr(), /Start this with Node\.js 99 in PATH/);
    assert.equal(run.stdout(), '');
  });

  for (const version of ['', 'v24', 'latest', '24.1']) {
    it(`is refused when it is '${version}'`, async () => {
      const run = machine.lectern(['test', '--node', version], env);
      assert.equal(await run.exited(), 1);
      assert.match(run.stderr(), /--node: want a major version such as 24/);
    });
  }

  it('runs all tests, the unit tests, or those that are named', async () => {
    const files = async (...args: string[]): Promise<string[]> => {
      const run = machine.lectern(['test', ...args], env);
      assert.equal(await run.exited(), 0, run.stderr());
      return run
        .stdout()
        .trim()
        .split('\n')
        .filter(
          (line) => line.endsWith('.ts') && line.startsWith('test/') && !line.includes('count-reporter'),
        );
    };
    assert.deepEqual(await files(), ['test/**/*.test.ts']);
    const [units = '', ...none] = await files('--units', '--node', '99');
    assert.match(units, /^test\/\{config,.*,transcode\}\/\*\*\/\*\.test\.ts$/);
    assert.deepEqual(none, []);
    assert.deepEqual(await files('--units', 'test/a.test.ts', 'test/b.test.ts'), [
      'test/a.test.ts',
      'test/b.test.ts',
    ]);
  });
});
