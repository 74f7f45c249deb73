import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { ConfigError, loadConfig, parseConfig } from '../../config/load.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { refusal } from './refusal.ts';

const HALL = '{id: hall-7, title: Maths, publishKey: hall-7-stream-key}';

describe('the configuration', () => {
  it('has a default for everything', () => {
    const config = parseConfig('', {});
    assert.equal(config.http.port, 8080);
    assert.equal(config.rtmp.port, 1935);
    assert.equal(config.latency, 'fast');
    assert.equal(config.access, 'open');
    assert.deepEqual(
      config.ladder.rungs.map(({ height }) => height),
      [720, 480, 360],
    );
    assert.deepEqual(config.channels, []);
    assert.equal(config.secret, undefined);
    assert.deepEqual(config.store, {});
  });

  it("gives a channel the top's latency and ladder, and lets it have its own", () => {
    const { channels } = parseConfig(
      `latency: steady
ladder: {audioKbps: 64}
channels:
  - ${HALL}
  - {id: hall-8, title: Art, publishKey: hall-8-stream-key, latency: broad, ladder: {mode: passthrough}}`,
      {},
    );
    assert.deepEqual(
      channels.map(({ latency, ladder }) => [latency, ladder.mode, ladder.audioKbps]),
      [
        ['steady', 'transcode', 64],
        ['broad', 'passthrough', 96],
      ],
    );
  });

  for (const zone of [
    'Asia/Shanghai',
    'UTC',
    'Europe/Berlin',
    'America/Argentina/Buenos_Aires',
    'Etc/GMT-8',
  ]) {
    it(`takes the time zone ${zone}`, () =>
      assert.equal(parseConfig(`timeZone: ${zone}`, {}).timeZone, zone));
  }

  describe('is refused with path, reason and value:', () => {
    const table: readonly { name: string; yaml: string; path: string; reason: RegExp; value?: string }[] = [
      { name: 'an unknown key', yaml: 'colour: red', path: '(top)', reason: /[Uu]nrecognized key.*colour/ },
      {
        name: 'an unknown key of a channel',
        yaml: `channels: [{id: a, title: A, publishKey: abcd, color: red}]`,
        path: 'channels.0',
        reason: /color/,
      },
      {
        name: 'a port out of range',
        yaml: 'http: {port: 70000}',
        path: 'http.port',
        reason: /65535/,
        value: '70000',
      },
      {
        name: 'a port that is text',
        yaml: 'http: {port: web}',
        path: 'http.port',
        reason: /number/,
        value: '"web"',
      },
      { name: 'half a port', yaml: 'rtmp: {port: 19.5}', path: 'rtmp.port', reason: /int/, value: '19.5' },
      {
        name: 'a channel id in capitals',
        yaml: 'channels: [{id: Hall, title: A, publishKey: abcd}]',
        path: 'channels.0.id',
        reason: /a-z, 0-9/,
        value: '"Hall"',
      },
      {
        name: 'a grade of 13',
        yaml: 'channels: [{id: a, title: A, publishKey: abcd, grade: 13}]',
        path: 'channels.0.grade',
        reason: /12/,
        value: '13',
      },
      {
        name: 'a language that is a word',
        yaml: 'channels: [{id: a, title: A, publishKey: abcd, language: Chinese}]',
        path: 'channels.0.language',
        reason: /BCP 47/,
        value: '"Chinese"',
      },
      {
        name: 'two channels of one id',
        yaml: `channels: [${HALL}, ${HALL}]`,
        path: 'channels',
        reason: /two channels/,
      },
      {
        name: 'a channel without a title',
        yaml: 'channels: [{id: a, publishKey: abcd}]',
        path: 'channels.0.title',
        reason: /string/,
      },
      { name: 'an unknown latency', yaml: 'latency: slow', path: 'latency', reason: /fast/, value: '"slow"' },
      {
        name: 'an unknown access',
        yaml: 'access: closed',
        path: 'access',
        reason: /open/,
        value: '"closed"',
      },
      {
        name: 'an odd height',
        yaml: 'ladder: {rungs: [{height: 361, videoKbps: 500}]}',
        path: 'ladder.rungs.0.height',
        reason: /multiple/,
        value: '361',
      },
      {
        name: 'two rungs of one height',
        yaml: 'ladder: {rungs: [{height: 360, videoKbps: 500}, {height: 360, videoKbps: 600}]}',
        path: 'ladder.rungs',
        reason: /one height/,
      },
      { name: 'no rung', yaml: 'ladder: {rungs: []}', path: 'ladder.rungs', reason: /1/ },
      {
        name: 'a window too short',
        yaml: 'windowSegments: 3',
        path: 'windowSegments',
        reason: /8/,
        value: '3',
      },
      {
        name: 'an origin without http',
        yaml: 'origins: ["ftp://x"]',
        path: 'origins.0',
        reason: /URL/,
        value: '"ftp://x"',
      },
      { name: 'a feed in capitals', yaml: 'feeds: {LIVE: 1}', path: 'feeds.LIVE', reason: /a-z/ },
      {
        name: 'a feed that is the slate',
        yaml: 'feeds: {slate: 5}',
        path: 'feeds.slate',
        reason: /not "slate"/,
      },
      { name: 'a feed below slate', yaml: 'feeds: {live: 0}', path: 'feeds.live', reason: /1/, value: '0' },
      { name: 'a list at the top', yaml: '- a', path: '', reason: /keys and values at the top/ },
      { name: 'text at the top', yaml: 'hello', path: '', reason: /keys and values at the top/ },
    ];
    for (const { name, yaml, path, reason, value } of table) {
      it(name, () => {
        const message = refusal(yaml);
        assert.ok(message.startsWith(`lectern.yaml: ${path}`), message);
        assert.match(message, reason);
        if (value !== undefined) assert.ok(message.endsWith(`got ${value}`), message);
      });
    }

    it('a variable of the environment that is no number', () => {
      for (const text of ['80a', '0x50', '-1', ' ']) {
        const message = refusal('', { LECTERN_HTTP_PORT: text });
        assert.ok(
          message.startsWith('lectern.yaml: http.port') && message.endsWith(`got "${text}"`),
          message,
        );
      }
    });

    for (const zone of ['Beijing', '+08:00', 'Asia/Shangha', '', '8', 'Asia/Shanghai; rm']) {
      it(`a time zone that is none: ${JSON.stringify(zone)}`, () => {
        assert.match(refusal(`timeZone: ${JSON.stringify(zone)}`), /timeZone.*IANA/);
      });
    }

    it('several faults at once, one a line', () => {
      assert.equal(refusal('latency: slow\naccess: closed').split('\n').length, 2);
    });

    it('YAML that is broken, with the line', () => assert.match(refusal('a: [1,\nb: 2'), /line \d/));

    it('a key that stands twice', () => assert.match(refusal('latency: fast\nlatency: broad'), /unique/));

    it('an alias bomb, without growing', () => {
      const levels = Array.from(
        { length: 30 },
        (_, at) => `a${at}: &a${at} [*a${at - 1}, *a${at - 1}]`,
      ).slice(1);
      assert.throws(() => parseConfig(['a0: &a0 [x]', ...levels].join('\n'), {}));
    });
  });

  describe('keeps secrets out of its messages:', () => {
    const table = [
      {
        name: 'a publish key that is too short',
        yaml: 'channels: [{id: a, title: A, publishKey: zq7}]',
        value: 'zq7',
      },
      {
        name: 'a publish key that is a number',
        yaml: 'channels: [{id: a, title: A, publishKey: 918273}]',
        value: '918273',
      },
      { name: 'a secret that is too short', yaml: 'secret: zq7-zq7', value: 'zq7' },
      {
        name: 'a publish key in YAML that is broken',
        yaml: 'channels: [{id: a, title: A, publishKey: zq7zq7',
        value: 'zq7',
      },
      { name: 'a Redis URL that is none', yaml: 'redisUrl: "http://:zq7@host"', value: 'zq7' },
    ];
    for (const { name, yaml, value } of table) {
      it(name, () => assert.ok(!refusal(yaml).includes(value), refusal(yaml)));
    }
  });

  describe('from the environment goes before the file:', () => {
    type Parsed = ReturnType<typeof parseConfig>;
    const table: readonly { variable: string; text: string; read: (config: Parsed) => unknown }[] = [
      { variable: 'LECTERN_HTTP_PORT', text: '9090', read: ({ http }) => http.port },
      { variable: 'LECTERN_RTMP_PORT', text: '2935', read: ({ rtmp }) => rtmp.port },
      { variable: 'LECTERN_DATA_DIR', text: '/srv/lectern', read: ({ dataDir }) => dataDir },
      { variable: 'LECTERN_SECRET', text: 'sixteen-characters', read: ({ secret }) => secret },
      { variable: 'REDIS_URL', text: 'redis://10.0.0.1:6379', read: ({ redisUrl }) => redisUrl },
      { variable: 'FFMPEG_PATH', text: '/opt/ffmpeg', read: ({ ffmpegPath }) => ffmpegPath },
    ];
    const file = `http: {port: 1, host: 10.0.0.9}
rtmp: {port: 2}
dataDir: elsewhere
secret: another-secret-of-length
redisUrl: redis://elsewhere
ffmpegPath: elsewhere`;
    for (const { variable, text, read } of table) {
      it(variable, () => {
        assert.notEqual(String(read(parseConfig(file, {}))), text);
        assert.equal(String(read(parseConfig(file, { [variable]: text }))), text);
      });
    }

    it('but not where it is empty', () => {
      assert.equal(parseConfig(file, { LECTERN_HTTP_PORT: '' }).http.port, 1);
    });

    it('and leaves what stands beside it', () => {
      assert.equal(parseConfig(file, { LECTERN_HTTP_PORT: '5' }).http.host, '10.0.0.9');
    });

    it('and is refused like the file', () => {
      assert.match(refusal('', { LECTERN_HTTP_PORT: 'web' }), /^lectern\.yaml: http\.port: /);
      assert.match(refusal('', { LECTERN_HTTP_PORT: '99999' }), /got 99999$/);
    });
  });

  it('only ever raises a ConfigError, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        try {
          parseConfig(text, {});
        } catch (error) {
          assert.ok(error instanceof ConfigError, String(error));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('loading the configuration', () => {
  let directory: TempDir;
  beforeEach(() => {
    directory = makeTempDir();
  });
  afterEach(() => directory.remove());

  it('makes a secret at the first start and keeps it for the next, for its owner alone', () => {
    const env = { LECTERN_DATA_DIR: join(directory.path, 'data') };
    const { secret, dataDir } = loadConfig(undefined, env);
    assert.ok(secret.length >= 32);
    assert.equal(loadConfig(undefined, env).secret, secret);
    assert.equal(readFileSync(join(dataDir, 'secret'), 'utf8'), secret);
    assert.equal(statSync(join(dataDir, 'secret')).mode & 0o777, 0o600);
  });

  it('makes no secret where one is given', () => {
    const dataDir = join(directory.path, 'data');
    loadConfig(undefined, { LECTERN_DATA_DIR: dataDir, LECTERN_SECRET: 'sixteen-characters' });
    assert.equal(existsSync(dataDir), false);
  });

  it('reads the file that LECTERN_CONFIG names, but an argument goes before it', () => {
    const [one, two] = ['one.yaml', 'two.yaml'].map((name) => join(directory.path, name));
    assert.ok(one !== undefined && two !== undefined);
    writeFileSync(one, 'latency: steady');
    writeFileSync(two, 'latency: broad');
    const env = { LECTERN_CONFIG: one, LECTERN_SECRET: 'sixteen-characters' };
    assert.equal(loadConfig(undefined, env).latency, 'steady');
    assert.equal(loadConfig(two, env).latency, 'broad');
  });

  const broken: readonly {
    name: string;
    code: string;
    prepare: (at: string) => [string | undefined, string];
  }[] = [
    {
      name: 'a file that is not there',
      code: 'no-config-file',
      prepare: (at) => [join(at, 'none.yaml'), at],
    },
    { name: 'a file that is a folder', code: 'no-config-file', prepare: (at) => [at, at] },
    {
      name: 'a data folder that is a file',
      code: 'bad-data-dir',
      prepare: (at) => {
        writeFileSync(join(at, 'file'), '');
        return [undefined, join(at, 'file')];
      },
    },
    {
      name: 'a kept secret that was cut short',
      code: 'bad-data-dir',
      prepare: (at) => {
        mkdirSync(join(at, 'cut'));
        writeFileSync(join(at, 'cut', 'secret'), 'short');
        return [undefined, join(at, 'cut')];
      },
    },
  ];
  for (const { name, code, prepare } of broken) {
    it(`refuses ${name} and names it`, () => {
      const [file, dataDir] = prepare(directory.path);
      assert.throws(
        () => loadConfig(file, { LECTERN_DATA_DIR: dataDir }),
        (error) =>
          error instanceof ConfigError && error.code === code && error.message.includes(file ?? dataDir),
      );
    });
  }
});
