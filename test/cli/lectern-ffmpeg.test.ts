import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../house/source-files.ts';
import { Machine } from './machine.ts';

/** A Python whose pip installs the package with a static ffmpeg; `pip install … --target FOLDER PACKAGE`. */
const PYTHON = (script: string): string => `case "$*" in
  *"pip install"*)
    while [ "$1" != --target ]; do shift; done
    bin=$2/imageio_ffmpeg/binaries
    mkdir -p "$bin"
    printf '#!/bin/sh\\n${script}\\n' >"$bin/ffmpeg-linux-x86_64-v99.1"
    chmod +x "$bin/ffmpeg-linux-x86_64-v99.1"
    ;;
esac`;
const WORKS = 'echo "ffmpeg version 99.1"';

/** A mocha that tells its arguments and the ffmpeg that it would run on. */
const MOCHA = '#!/bin/sh\nprintf "%s\\n" "${FFMPEG_PATH:-none}" "$@"\n';

describe('the script lectern and the ffmpeg of the tests', () => {
  let machine: Machine;
  let cache: string;
  let env: Readonly<Record<string, string>>;
  beforeEach(() => {
    machine = new Machine();
    machine.addTestPrograms(MOCHA);
    env = machine.addServers();
    cache = join(machine.root.path, 'home', '.cache', 'lectern');
  });
  afterEach(() => machine.root.remove());

  it('is the newest where that is wanted, installed once, outside the work tree, and said', async () => {
    machine.add('python3', PYTHON(WORKS));
    for (const time of ['first', 'second']) {
      const run = machine.lectern(['test', '--newest-ffmpeg', 'a.test.ts'], env);
      assert.equal(await run.exited(), 0, run.stderr());
      const [program, ...args] = run.stdout().trim().split('\n');
      assert.equal(program, join(cache, 'ffmpeg/imageio_ffmpeg/binaries/ffmpeg-linux-x86_64-v99.1'));
      assert.equal(args.at(-1), 'a.test.ts');
      assert.match(run.stderr(), /the tests run on ffmpeg version 99\.1/);
      assert.equal(run.stderr().includes('installing the newest ffmpeg'), time === 'first', run.stderr());
    }
    assert.equal(machine.callsOf('python3').filter((call) => call.includes('imageio-ffmpeg')).length, 1);
  });

  it('is that of the machine where nothing is said', async () => {
    const run = machine.lectern(['test', 'a.test.ts'], env);
    assert.equal(await run.exited(), 0, run.stderr());
    assert.equal(run.stdout().split('\n')[0], 'none');
    assert.equal(existsSync(join(cache, 'ffmpeg')), false);
  });

  it('runs the tests that encode on the newest, unless others are named', async () => {
    machine.add('python3', PYTHON(WORKS));
    const run = machine.lectern(['test', '--newest-ffmpeg'], env);
    assert.equal(await run.exited(), 0, run.stderr());
    const files: readonly string[] = run.stdout().match(/^test\/.*\.test\.ts$/gm) ?? [];
    assert.ok(files.includes('test/transcode/pipeline.test.ts'), files.join());
    const named = files.filter((file) => !file.includes('*'));
    assert.deepEqual(
      named.filter((file) => !existsSync(join(ROOT, file))),
      [],
    );
  });

  const failures = [
    { name: 'pip cannot install it', python: 'case "$*" in *install*) echo "no route" >&2; exit 1 ;; esac' },
    { name: 'there is no Python', python: null },
    { name: 'what was installed does not run', python: PYTHON('exit 1') },
    {
      name: 'the package has none for this machine',
      python: 'case "$*" in *install*) mkdir -p empty ;; esac',
    },
  ];
  for (const { name, python } of failures) {
    it(`says what and why, and ends with 1 without a test, when ${name}`, async () => {
      if (python !== null) machine.add('python3', python);
      const run = machine.lectern(['test', '--newest-ffmpeg'], env);
      assert.equal(await run.exited(), 1);
      if (name.startsWith('pip')) assert.match(run.stderr(), /no route/);
      assert.match(
        run.stderr(),
        /the newest ffmpeg is missing and could not be installed: the tests run on it/,
      );
      assert.equal(run.stdout(), '');
      const left = existsSync(cache) ? readdirSync(cache) : [];
      assert.ok(!left.includes('ffmpeg') || name.startsWith('what'), left.join());
    });
  }
});
