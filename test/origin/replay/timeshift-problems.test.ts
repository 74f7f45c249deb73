import assert from 'node:assert/strict';
import { indexKey } from '../../../origin/archive/archive-keys.ts';
import { BLOCK_MS, blockAt } from '../../../origin/archive/index-block.ts';
import { mintToken } from '../../../shared/token.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { type RecordingOrigin, recordingOrigin } from '../support/past-on-stage.ts';
import { START_MS, START_NUMBER } from '../support/synthetic.ts';

describe('what the log says of requests for the past that are refused', () => {
  let directory: TempDir;
  let store: MemoryStore;
  let on: RecordingOrigin;
  const start = async (yaml = ''): Promise<void> => {
    on = await recordingOrigin(store, directory.path, `windowSegments: 8\n${yaml}`);
    on.origin.goOnAir();
    on.origin.run(1600 * 25);
    await on.archive.settled();
  };
  beforeEach(() => {
    directory = makeTempDir();
    store = new MemoryStore();
  });
  afterEach(async () => {
    store.isDown = false;
    await on.stop();
    directory.remove();
  });

  const table: { name: string; path: string; code: string; want: RegExp }[] = [
    {
      name: 'a range whose end lies before its start',
      path: '/replay/hall-7/2000-1000/index.m3u8',
      code: 'bad-replay-range',
      want: /^info \/replay\/hall-7\/2000-1000\/index\.m3u8 refused: range "2000-1000": want/,
    },
    {
      name: 'a range of a year',
      path: '/replay/hall-7/0-31536000000/index.m3u8',
      code: 'range-too-long',
      want: /^info .* refused: range 0-31536000000: 31536000000 ms, at most 86400000/,
    },
    {
      name: 'a negative time',
      path: '/live/hall-7/720p.m3u8?start=-1',
      code: 'bad-start',
      want: /^info \/live\/hall-7\/720p\.m3u8 refused: start=-1: want UTC in whole milliseconds/,
    },
    {
      name: 'a time in letters',
      path: '/live/hall-7/index.m3u8?start=noon',
      code: 'bad-start',
      want: /^info .* refused: start=noon: want/,
    },
    {
      name: 'a channel with a path in it',
      path: '/replay/..%2f..%2fhall-7/1000-2000/index.m3u8',
      code: 'not-found',
      want: /^info \/replay\/\.\.%2f\.\.%2fhall-7\/1000-2000\/index\.m3u8 refused: /,
    },
    {
      name: 'a segment that was deleted',
      path: `/media/hall-7/720p/${START_NUMBER - 100}.m4s`,
      code: 'no-such-media',
      want: /^info .* refused: segment 999900 of 720p: not in the live window, and not in the archive/,
    },
  ];
  for (const { name, path, code, want } of table) {
    it(`${name}: ${code}`, async () => {
      await start();
      const answer = await on.origin.ask(path);
      assert.equal(JSON.parse(answer.body.toString()).error.code, code);
      assert.equal(on.origin.logged.length, 1, on.origin.logged.join('\n'));
      assert.match(on.origin.logged[0] ?? '', want);
    });
  }

  it('a store that is down is a warning with its own words; the client is told when to come again', async () => {
    await start();
    store.isDown = true;
    on.origin.run(1600 * 3);
    const answer = await on.origin.ask('/replay/hall-7/1000-2000/index.m3u8');
    assert.equal(answer.status, 503);
    assert.equal(answer.headers['retry-after'], '5');
    assert.equal(answer.body.toString().includes('index/hall-7'), false);
    assert.match(on.origin.logged.at(-1) ?? '', /^warn \/replay\/.* failed: .*index\/hall-7/);
  });

  it('a damaged block of the index is a warning that names it and the line', async () => {
    await start();
    const fromMs = blockAt(START_MS) - 10 * BLOCK_MS;
    store.objects.set(indexKey('hall-7', fromMs), Buffer.from('x'));
    const answer = await on.origin.ask(`/replay/hall-7/${fromMs}-${fromMs + 4800}/index.m3u8`);
    assert.equal(JSON.parse(answer.body.toString()).error.code, 'bad-index');
    assert.match(on.origin.logged.at(-1) ?? '', /^warn .* failed: index\/hall-7\/\S+\.jsonl line 1: "x"/);
  });

  it('of one code there is a line a second, which says how many were left out', async () => {
    await start();
    const ask = () => on.origin.ask('/replay/hall-7/2000-1000/index.m3u8');
    for (let i = 0; i < 5; i += 1) await ask();
    assert.equal(on.origin.logged.length, 1);
    await on.origin.ask('/replay/hall-7/0-31536000000/index.m3u8');
    assert.equal(on.origin.logged.length, 2, 'another code has a line of its own');
    on.origin.nowMs += 1000;
    await ask();
    assert.equal(on.origin.logged.length, 3);
  });

  for (const [yaml, want] of [
    ['access: token', /^private, max-age=/],
    ['access: token\nedgeChecksTokens: true', /^public, max-age=/],
  ] as const) {
    it(`a token in a path stands in no line, and what it opens is ${want.source.slice(1, 8)} with ${yaml.split('\n').join(', ')}`, async () => {
      await start(yaml);
      const exp = Math.floor(on.origin.nowMs / 1000) + 3600;
      const claims = { sub: 's', name: 's', channel: 'hall-7', role: 'student', exp } as const;
      const token = await mintToken(on.origin.config.secret, claims);
      const paths = [
        `/t/${token}/replay/hall-7/${START_MS}-${START_MS + 4800}/720p.m3u8`,
        `/t/${token}/live/hall-7/720p.m3u8?start=${START_MS}`,
        `/t/${token}/media/hall-7/720p/${START_NUMBER}.m4s`,
      ];
      for (const path of paths) {
        const { status, headers } = await on.origin.ask(path);
        assert.equal(status, 200, path);
        assert.match(headers['cache-control'] ?? '', want);
      }
      await on.origin.ask(`/t/${token}/replay/hall-7/2000-1000/index.m3u8`);
      await on.origin.ask(`/t/${token}/live/hall-7/720p.m3u8?start=-1`);
      const refused = await on.origin.ask(`/live/hall-7/720p.m3u8?start=${START_MS}`);
      assert.equal(refused.status, 401);
      assert.equal(refused.headers['cache-control'], 'no-store');
      assert.equal(on.origin.logged.length, 3);
      assert.equal(on.origin.logged.join().includes(token), false);
    });
  }
});
