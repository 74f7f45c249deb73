import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportConfig } from '../../cli/config-report.ts';
import { parseConfig } from '../../config/load.ts';
import { ROOT } from '../house/source-files.ts';
import { type Started, start } from '../support/process.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';

const SECRETS = [
  'a-very-secret-secret',
  'the-access-key',
  'the-secret-key',
  'publish-me-please',
  'redis-word',
];

const report = (yaml: string): string => reportConfig(parseConfig(yaml, {})).join('\n');

describe('the report on a configuration', () => {
  const table = [
    {
      name: 'the defaults',
      yaml: '',
      want: [/http on 0\.0\.0\.0:8080/, /one process with all roles/, /kept for 30 days/],
    },
    { name: 'no channel', yaml: '', want: [/^ {2}channels: there is none, so nobody can publish$/m] },
    {
      name: 'a bucket',
      yaml: 'store: {s3: {endpoint: "https://s3.example", accessKey: the-access-key, secretKey: the-secret-key, prefix: city/7}}',
      want: [/bucket lectern at https:\/\/s3\.example, names under city\/7\//],
    },
    {
      name: 'no archive',
      yaml: 'archive: {enabled: false}',
      want: [/recordings +none: archive\.enabled is false/],
    },
    { name: 'a limit', yaml: 'archive: {keepGiB: 2.5}', want: [/at most 2\.5 GiB a channel/] },
    {
      name: 'several processes, not all of them possible',
      yaml: 'redisUrl: "redis://user:redis-word@cache:6379"',
      want: [/several processes, by cache:6379/, /^ {2}origins: empty/m, /^ {2}ingestUrl: not set/m],
    },
    {
      name: 'tokens',
      yaml: 'access: token',
      want: [/who may watch +who has a token/, /roll call +students by token$/m],
      not: [/rollCall\.guests/],
    },
    { name: 'guests', yaml: '', want: [/guests by name/, /^ {2}rollCall\.guests: /m] },
    {
      name: 'no roll call',
      yaml: 'rollCall: {enabled: false}',
      want: [/none: rollCall\.enabled is false/],
      not: [/rollCall\.guests/],
    },
    {
      name: 'an address for the operator',
      yaml: 'http: {adminHost: 127.0.0.1, adminPort: 9090}',
      want: [/\/metrics and \/ops on 127\.0\.0\.1:9090/],
      not: [/http\.adminHost/],
    },
    {
      name: 'channels',
      yaml: `channels:
  - {id: hall-7, title: Hall 7, publishKey: publish-me-please, priority: 90}
  - {id: hall-8, title: Hall 8, publishKey: publish-me-please, ladder: {mode: passthrough}}
  - {id: hall-9, title: Hall 9, publishKey: short}`,
      want: [
        /hall-7 \(Hall 7\): 720p 2200 kbit\/s, 480p 900 kbit\/s, 360p 500 kbit\/s; fast; priority 90; rtmp:\/\/HOST:1935\/live\/hall-7/,
        /hall-8 .*pictures as they are published/,
        /^ {2}publishKey of hall-9: shorter than 12 characters/m,
        /^ {2}publishKey of hall-8: the same as that of hall-7$/m,
      ],
      not: [/publishKey of hall-7/],
    },
    {
      name: 'many channels',
      yaml: `channels: [${Array.from({ length: 23 }, (_, i) => `{id: c-${i}, title: C, publishKey: publish-me-please-${i}}`).join(', ')}]`,
      want: [/channels +23/, /c-19 /, /^ {2}and 3 more$/m],
      not: [/c-20 /],
    },
  ];
  for (const { name, yaml, want, not = [] } of table) {
    it(`says what it does with ${name}, and no secret`, () => {
      const said = report(yaml);
      for (const pattern of want) assert.match(said, pattern);
      for (const pattern of not) assert.doesNotMatch(said, pattern);
      for (const secret of SECRETS) assert.ok(!said.includes(secret), secret);
    });
  }
});

describe('lectern config check', () => {
  let directory: TempDir;
  let run: Started | null = null;
  beforeEach(() => {
    directory = makeTempDir();
  });
  afterEach(async () => {
    await run?.stop('SIGKILL');
    directory.remove();
  });

  const check = (args: readonly string[], env: Record<string, string> = {}): Started => {
    run = start(process.execPath, ['--import', 'tsx', 'cli/main.ts', 'config', ...args], {
      cwd: ROOT,
      env: { LECTERN_CONFIG: '', REDIS_URL: '', LECTERN_DATA_DIR: join(directory.path, 'data'), ...env },
    });
    return run;
  };
  const file = (text: string): string => {
    const path = join(directory.path, 'lectern.yaml');
    writeFileSync(path, text);
    return path;
  };

  it('prints what a file does, and writes nothing', async () => {
    const path = file('secret: a-very-secret-secret\nhttp: {port: 8123}\n');
    const said = check(['check', path]);
    assert.equal(await said.exited(), 0, said.stderr());
    assert.match(said.stdout(), /lectern\.yaml: fine\n\n/);
    assert.match(said.stdout(), /0\.0\.0\.0:8123/);
    assert.doesNotMatch(said.stdout(), /a-very-secret-secret/);
    assert.deepEqual(readdirSync(directory.path), ['lectern.yaml']);
  });

  it('reads LECTERN_CONFIG, and the defaults where there is none', async () => {
    const path = file('http: {port: 8124}\n');
    const named = check(['check'], { LECTERN_CONFIG: path });
    assert.equal(await named.exited(), 0, named.stderr());
    assert.match(named.stdout(), /8124/);
    const none = check(['check']);
    assert.equal(await none.exited(), 0, none.stderr());
    assert.match(none.stdout(), /^no file: the defaults/);
    assert.equal(existsSync(join(directory.path, 'data')), false);
  });

  it('ends with 1, a line for each fault, and the next step', async () => {
    const wrong = check(['check', file('latency: slow\nhttp: {port: many}\n')]);
    assert.equal(await wrong.exited(), 1);
    assert.equal(wrong.stdout(), '');
    assert.match(wrong.stderr(), /lectern\.yaml: latency: .*"slow"\n/);
    assert.match(wrong.stderr(), /lectern\.yaml: http\.port: .*"many"\n/);
    assert.match(wrong.stderr(), /\n {2}Next: correct each line above/);
  });

  const refused = [
    {
      args: ['check', '/no/such.yaml'],
      status: 1,
      want: /such\.yaml cannot be read[^]*Next: name another file/,
    },
    { args: ['burn'], status: 2, want: /want config check/ },
    { args: [], status: 2, want: /want config check/ },
    { args: ['check', 'a', 'b'], status: 2, want: /one file and no options/ },
    { args: ['check', '--config'], status: 2, want: /one file and no options/ },
  ];
  for (const { args, status, want } of refused) {
    it(`ends with ${status} for ${JSON.stringify(args)}`, async () => {
      const wrong = check(args);
      assert.equal(await wrong.exited(), status);
      assert.match(wrong.stderr(), want);
    });
  }
});
