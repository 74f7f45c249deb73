import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../house/source-files.ts';
import { Machine } from './machine.ts';

describe('the script lectern', () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
  });
  afterEach(() => machine.root.remove());

  const APT =
    'case "$*" in *install*) printf \'#!/bin/sh\\necho " V..... libx264"\\n\' > "${0%/*}/ffmpeg"; chmod +x "${0%/*}/ffmpeg";; esac';

  it('installs what is missing once, builds, and starts', async () => {
    machine.add('apt-get', APT);
    machine.add('sudo', '[ "$1" != -n ] || shift; exec "$@"');
    const up = machine.lectern(['up', '--config', 'a b.yaml']);
    assert.equal(await up.exited(), 0, up.stderr());
    assert.equal(machine.callsOf('apt-get').length, 2);
    assert.match(machine.callsOf('apt-get')[0] ?? '', /update/);
    assert.match(machine.callsOf('apt-get')[1] ?? '', /install -y .*ffmpeg/);
    assert.equal(machine.callsOf('npm').length, 2);
    assert.match(machine.callsOf('npm')[0] ?? '', /^npm ci /);
    assert.match(machine.callsOf('npm')[1] ?? '', /build/);
    assert.match(machine.callsOf('node').at(-1) ?? '', /dist\/cli\/main\.js up --config a b\.yaml$/);
    assert.equal(up.stdout(), '');
  });

  it('does nothing twice', async () => {
    machine.addFfmpeg();
    await machine.lectern(['up']).exited();
    const before = machine.callsOf('npm').length;
    assert.equal(await machine.lectern(['up']).exited(), 0);
    assert.equal(machine.callsOf('npm').length, before);
  });

  it('builds again when a source has changed, and installs again when the lock has', async () => {
    machine.addFfmpeg();
    await machine.lectern(['up']).exited();
    machine.edit('cli/main.ts');
    await machine.lectern(['up']).exited();
    assert.deepEqual(
      machine.callsOf('npm').map((line) => line.split(' ')[1]),
      ['ci', 'run', 'run'],
    );
    machine.edit('package-lock.json');
    await machine.lectern(['up']).exited();
    assert.equal(machine.callsOf('npm').filter((line) => line.startsWith('npm ci')).length, 2);
  });

  const failures: readonly {
    name: string;
    prepare: (machine: Machine) => void;
    args?: readonly string[];
    env?: Record<string, string>;
    want: readonly RegExp[];
  }[] = [
    {
      name: 'there is no package manager',
      prepare: () => {},
      want: [
        /ffmpeg is missing and could not be installed: it encodes/,
        /none of apt-get, apk, dnf and brew/,
        /FFMPEG_PATH/,
      ],
    },
    {
      name: 'the package manager cannot',
      prepare: (at) => {
        at.add('apt-get', 'exit 100');
        at.add('sudo', 'exit 1');
      },
      want: [/ffmpeg is missing and could not be installed/, /apt-get install ffmpeg \(as root\)/],
    },
    {
      name: 'ffmpeg cannot encode H.264',
      prepare: (at) => at.add('ffmpeg', 'echo " V..... mpeg4"'),
      want: [/has no libx264/, /FFMPEG_PATH/],
    },
    {
      name: 'FFMPEG_PATH names nothing',
      prepare: () => {},
      env: { FFMPEG_PATH: '/no/such/ffmpeg' },
      want: [/FFMPEG_PATH=\/no\/such\/ffmpeg: there is no such program/],
    },
    {
      name: 'npm ci fails',
      prepare: (at) => {
        at.addFfmpeg();
        at.add('npm', 'echo "ENOTFOUND registry" >&2; exit 1');
      },
      want: [/ENOTFOUND registry/, /npm ci failed/],
    },
    {
      name: 'the build fails',
      prepare: (at) => {
        at.addFfmpeg();
        at.add('npm', 'case "$*" in *build*) echo "a.ts: no" >&2; exit 2;; esac');
      },
      want: [/a\.ts: no/, /the build failed/],
    },
    {
      name: 'Node.js is too old',
      prepare: (at) => at.add('node', '[ "$1" != --version ] || { echo v18.19.0; exit 0; }; exit 1'),
      want: [/Node\.js v18\.19\.0 is too old/, /20\.15/],
    },
    {
      name: 'Chromium is missing for the tests',
      prepare: (at) => {
        at.addFfmpeg();
        at.add('apk', 'exit 1');
      },
      args: ['test'],
      want: [
        /chromium is missing and could not be installed: the tests watch/,
        /apk add chromium/,
        /CHROMIUM_PATH/,
      ],
    },
  ];
  for (const { name, prepare, args = ['up'], env = {}, want } of failures) {
    it(`says what, why and how, and ends with 1, when ${name}`, async () => {
      prepare(machine);
      const run = machine.lectern(args, env);
      assert.equal(await run.exited(), 1);
      for (const pattern of want) assert.match(run.stderr(), pattern);
      assert.equal(run.stdout(), '');
    });
  }

  for (const home of [undefined, '', '/no/such/home']) {
    it(`finds a home where HOME is ${home === undefined ? 'not set' : JSON.stringify(home)}`, async () => {
      machine.addFfmpeg();
      machine.add('npm', 'case "$*" in *build*) [ -w "$HOME" ] && mkdir -p dist;; esac');
      const run = machine.lectern(['up'], { HOME: home, TMPDIR: machine.root.path });
      assert.equal(await run.exited(), 0, run.stderr());
    });
  }

  for (const command of ['up', 'demo', 'token', 'store', 'config', 'test', 'check']) {
    it(`prints the help of ${command} on a machine that has nothing`, async () => {
      for (const flag of ['--help', '-h']) {
        const run = machine.lectern([command, flag]);
        assert.equal(await run.exited(), 0, run.stderr());
        assert.match(run.stdout(), /^lectern demo .*[^]*^lectern config check/m);
      }
      assert.deepEqual(machine.callsOf('npm'), []);
    });
  }

  it('installs for a benchmark what that one needs, and builds no server for one that needs none', async () => {
    const needs = 'case "$*" in *--needs*--burn*) echo "ffmpeg chromium" ;; *--needs*fly*) exit 2 ;; esac';
    machine.add('node', `case "$1" in -e | --version) exec real-node "$@" ;; esac\n${needs}`);
    machine.addFfmpeg();
    machine.add('chromium');
    const run = machine.lectern(['bench', 'pressure', '--burn', '1']);
    assert.equal(await run.exited(), 0, run.stderr());
    assert.deepEqual(machine.callsOf('go'), []);
    assert.match(machine.callsOf('node').at(-1) ?? '', /bench\/main\.ts pressure --burn 1$/);
    const unknown = machine.lectern(['bench', 'fly']);
    assert.equal(await unknown.exited(), 2);
    assert.equal(machine.callsOf('npm').filter((line) => line.includes('build')).length, 1);
  });

  it('ends with 2 and the usage for a command that there is not', async () => {
    const run = machine.lectern(['fly']);
    assert.equal(await run.exited(), 2);
    assert.match(run.stderr(), /fly is not a command/);
    assert.match(run.stderr(), /lectern demo/);
  });

  it('is plain sh', () => {
    for (const path of ['lectern', 'cli/install.sh']) execFileSync('/bin/sh', ['-n', join(ROOT, path)]);
    assert.match(readFileSync(join(ROOT, 'lectern'), 'utf8'), /^#!\/bin\/sh\n/);
  });
});
