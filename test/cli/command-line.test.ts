import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOptions, UsageError } from '../../cli/usage.ts';
import { checkSplit, rolesFrom } from '../../cli/up.ts';
import { AppError } from '../../shared/errors.ts';
import { ROLE_NAMES } from '../../shared/role.ts';
import { ROOT } from '../house/source-files.ts';
import { type Started, start } from '../support/process.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';

describe('the command line', () => {
  it('reads options in both forms', () => {
    assert.deepEqual(readOptions(['--role', 'origin', '--config=a.yaml'], ['role', 'config']), {
      role: 'origin',
      config: 'a.yaml',
    });
  });

  for (const args of [['--colour', 'red'], ['origin'], ['--role'], ['-r', 'origin']]) {
    it(`refuses ${args.join(' ')}`, () => {
      assert.throws(
        () => readOptions(args, ['role', 'config']),
        (error) => error instanceof UsageError && error.code === 'bad-usage' && error.message !== '',
      );
    });
  }

  it('runs every role unless one is named', () => {
    assert.deepEqual(rolesFrom(undefined), ROLE_NAMES);
    assert.deepEqual(rolesFrom('origin'), ['origin']);
    assert.throws(() => rolesFrom('player'), UsageError);
  });

  const split = [
    { name: 'all roles without Redis', roles: ROLE_NAMES, redisUrl: undefined, origins: [], want: 'ok' },
    {
      name: 'one role without Redis',
      roles: ['origin'],
      redisUrl: undefined,
      origins: [],
      want: 'role-needs-redis',
    },
    { name: 'an origin with Redis', roles: ['origin'], redisUrl: 'redis://x', origins: [], want: 'ok' },
    {
      name: 'a worker without origins',
      roles: ['transcode'],
      redisUrl: 'redis://x',
      origins: [],
      want: 'role-needs-origins',
    },
    {
      name: 'a worker with both',
      roles: ['transcode'],
      redisUrl: 'redis://x',
      origins: ['http://o'],
      want: 'ok',
    },
    {
      name: 'an ingest that workers cannot find',
      roles: ['ingest'],
      redisUrl: 'redis://x',
      origins: [],
      want: 'role-needs-ingest-url',
    },
    {
      name: 'an ingest with an address',
      roles: ['ingest'],
      redisUrl: 'redis://x',
      origins: [],
      ingestUrl: 'http://i',
      want: 'ok',
    },
  ] as const;
  for (const { name, roles, redisUrl, origins, want, ...rest } of split) {
    const ingestUrl = 'ingestUrl' in rest ? rest.ingestUrl : undefined;
    it(`answers ${want} for ${name}`, () => {
      let got = 'ok';
      try {
        checkSplit(roles, { redisUrl, origins: [...origins], ingestUrl });
      } catch (error) {
        got = error instanceof AppError ? error.code : String(error);
      }
      assert.equal(got, want);
    });
  }
});

describe('lectern', () => {
  let directory: TempDir;
  let run: Started | null = null;
  beforeEach(() => {
    directory = makeTempDir();
  });
  afterEach(async () => {
    await run?.stop('SIGKILL');
    directory.remove();
  });

  const lectern = (args: readonly string[], env: Record<string, string> = {}): Started => {
    run = start(process.execPath, ['--import', 'tsx', 'cli/main.ts', ...args], {
      cwd: ROOT,
      env: {
        LECTERN_DATA_DIR: directory.path,
        LECTERN_HTTP_PORT: '0',
        LECTERN_RTMP_PORT: '0',
        LECTERN_CONFIG: '',
        REDIS_URL: '',
        ...env,
      },
    });
    return run;
  };

  it('help says what there is', async () => {
    const help = lectern(['help']);
    assert.equal(await help.exited(), 0);
    assert.match(help.stdout(), /lectern up .*\n[^]*lectern token /);
  });

  for (const args of [
    ['up', '--help'],
    ['demo', '-h'],
    ['token', '--help'],
    ['store', 'rebuild', '--help'],
    ['config', '-h'],
  ]) {
    it(`${args.join(' ')} is no error`, async () => {
      const help = lectern(args);
      assert.equal(await help.exited(), 0, help.stderr());
      assert.match(help.stdout(), /lectern up .*\n[^]*lectern config check /);
      assert.equal(help.stderr(), '');
    });
  }

  it('ends with 2 and the usage for a command that there is not', async () => {
    const wrong = lectern(['fly']);
    assert.equal(await wrong.exited(), 2);
    assert.match(wrong.stderr(), /^lectern: "fly" is not a command\n[^]*lectern up/);
    assert.equal(wrong.stdout(), '');
  });

  const refused = [
    {
      name: 'a configuration that is not there',
      args: ['--config', '/no/such.yaml'],
      want: /\/no\/such\.yaml cannot be read.*\n {2}Next: name another file with --config/,
      lines: 2,
    },
    { name: 'a role of its own without Redis', args: ['--role', 'ingest'], want: /REDIS_URL/, lines: 1 },
  ];
  for (const { name, args, want, lines } of refused) {
    it(`up ends with 1, and says what to do next, for ${name}`, async () => {
      const up = lectern(['up', ...args]);
      assert.equal(await up.exited(), 1);
      assert.match(up.stderr(), want);
      assert.equal(up.stderr().trim().split('\n').length, lines, up.stderr());
    });
  }

  it('up refuses a configuration with the place of each fault', async () => {
    const file = join(directory.path, 'bad.yaml');
    writeFileSync(file, 'latency: slow\nchannels: [{id: Hall, title: x, publishKey: hunter2-secret}]\n');
    const up = lectern(['up', '--config', file]);
    assert.equal(await up.exited(), 1);
    assert.match(up.stderr(), /bad\.yaml: latency: .*"slow"/);
    assert.match(up.stderr(), /bad\.yaml: channels\.0\.id: .*"Hall"/);
    assert.doesNotMatch(up.stderr(), /hunter2/);
  });

  it('up says which port is taken, and ends with 1', async () => {
    const first = lectern(['up']);
    await first.waitForOutput('http://');
    const port = /http:\/\/[^:]+:(\d+)/.exec(first.stdout())?.[1] ?? '';
    const second = start(process.execPath, ['--import', 'tsx', 'cli/main.ts', 'up'], {
      cwd: ROOT,
      env: { LECTERN_DATA_DIR: directory.path, LECTERN_HTTP_PORT: port, LECTERN_CONFIG: '', REDIS_URL: '' },
    });
    assert.equal(await second.exited(), 1);
    assert.match(second.stderr(), new RegExp(`${port} is in use by another process.*LECTERN_HTTP_PORT`));
  });

  it('store rebuild makes the index anew, and says what it left out', async () => {
    const folder = join(directory.path, 'store', 'media', 'hall-7', '2020-02-17', '720p', '0123456789ab');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, '5.m4s'), 'no segment');
    const rebuild = lectern(['store', 'rebuild']);
    assert.equal(await rebuild.exited(), 0);
    assert.match(rebuild.stdout(), /720p\/0123456789ab\/5\.m4s: skipped, its init segment .* is missing/);
    assert.match(rebuild.stdout(), /^0 segments in 0 blocks; 1 objects skipped$/m);
  });

  it('store without a task, or with another one, ends with 2', async () => {
    const store = lectern(['store', 'burn']);
    assert.equal(await store.exited(), 2);
    assert.match(store.stderr(), /want store rebuild or store check/);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`up answers, and ends with 0 on ${signal}`, async () => {
      const up = lectern(['up']);
      await up.waitForOutput('http://');
      const url = /http:\/\/\S+/.exec(up.stdout())?.[0] ?? '';
      const health = await fetch(`${url}/healthz`);
      assert.equal(health.status, 200);
      assert.deepEqual(await health.json(), {
        status: 'ready',
        roles: { ingest: null, transcode: null, origin: null, rollcall: null },
      });
      up.child.kill(signal);
      assert.equal(await up.exited(), 0, up.stderr());
    });
  }
});
