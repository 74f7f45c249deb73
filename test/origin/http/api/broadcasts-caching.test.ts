import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { BroadcastLibrary } from '../../../../origin/broadcasts/broadcast-library.ts';
import { createBroadcastsApi } from '../../../../origin/http/api/broadcasts-api.ts';
import { DownloadHandler } from '../../../../origin/http/api/download-handler.ts';
import { Storyboards } from '../../../../origin/storyboard/storyboards.ts';
import { silentLogger } from '../../../../shared/logger.ts';
import { mintToken } from '../../../../shared/token.ts';
import { makeTempDir, type TempDir } from '../../../support/temp-dir.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { type RecordingOrigin, recordingOrigin } from '../../support/past-on-stage.ts';
import { START_MS, START_NUMBER } from '../../support/synthetic.ts';

const FOLDER = '/api/channels/hall-7/broadcasts/a';

describe('the library, its caches and its log', () => {
  let directory: TempDir;
  let store: MemoryStore;
  let on: RecordingOrigin;
  let server: Server;
  let access: 'open' | 'token';
  beforeEach(async () => {
    directory = makeTempDir();
    store = new MemoryStore();
    on = await recordingOrigin(store, directory.path);
    access = 'open';
    const { logger, config } = on.origin;
    const library = new BroadcastLibrary(store, silentLogger);
    await library.refresh();
    const broadcast = {
      id: 'a',
      channel: 'hall-7',
      title: 'Fractions',
      language: 'zh',
      gaps: [],
      keep: false,
    };
    library.put({ ...broadcast, startMs: START_MS, endMs: START_MS + 4800 });
    const sheets = { timesMs: [START_MS], sheets: 1 };
    const folder = 'storyboards/hall-7/a/';
    store.objects.set(`${folder}storyboard.json`, Buffer.from(JSON.stringify(sheets)));
    for (const name of ['poster', 'sheet-0']) store.objects.set(`${folder}${name}.jpg`, Buffer.from('jpeg'));
    const deps = { store, index: on.index, reader: on.reader, logger, program: 'ffmpeg' };
    const app = express().use(
      createBroadcastsApi({
        ...{ library, logger, clock: { nowMs: () => on.origin.nowMs } },
        cuts: { changed: () => {} },
        playback: {
          secret: config.secret,
          get access() {
            return access;
          },
        },
        downloads: new DownloadHandler({
          ...{ index: on.index, reader: on.reader, logger },
          ...{ limits: { most: 32, mostPerAddress: 32 }, clientAddress: () => '203.0.113.5' },
        }),
        storyboards: new Storyboards({ ...deps, onMade: () => {} }),
      }),
    );
    server = createServer(app);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    store.isDown = false;
    server.closeAllConnections();
    server.close();
    await on.stop();
    directory.remove();
  });

  const ask = async (path: string): Promise<Response> => {
    const exp = Math.floor(on.origin.nowMs / 1000) + 3600;
    const claims = { sub: 's', name: 's', channel: '*', role: 'operator', exp } as const;
    const authorization = `Bearer ${await mintToken(on.origin.config.secret, claims)}`;
    const { port } = server.address() as AddressInfo;
    return fetch(`http://127.0.0.1:${port}${path}`, { headers: access === 'open' ? {} : { authorization } });
  };

  const table = [
    { path: '/api/broadcasts', maxAgeS: 1 },
    { path: FOLDER, maxAgeS: 1 },
    { path: `${FOLDER}/storyboard.vtt`, maxAgeS: 30 },
    { path: `${FOLDER}/storyboard-0.jpg`, maxAgeS: 600 },
    { path: `${FOLDER}/poster.jpg`, maxAgeS: 600 },
  ];
  for (const { path, maxAgeS } of table) {
    it(`${path}: any cache where access is open, the viewer's own where it is by token (RFC 9111 §3.5)`, async () => {
      const open = await ask(path);
      assert.equal(open.status, 200);
      assert.equal(open.headers.get('cache-control'), `public, max-age=${maxAgeS}`);
      access = 'token';
      const closed = await ask(path);
      assert.equal(closed.status, 200);
      assert.equal(closed.headers.get('cache-control'), `private, max-age=${maxAgeS}`);
      assert.match(closed.headers.get('vary') ?? '', /(^|, *)Authorization($|,)/i);
    });
  }

  it('names the object at which a download is aborted in the log', async () => {
    on.origin.goOnAir();
    on.origin.run(1600 * 5);
    await on.archive.settled();
    const object = [...store.objects.keys()].find((key) => key.endsWith(`/${START_NUMBER + 1}.m4s`)) ?? '';
    store.objects.set(object, Buffer.from('short'));
    await assert.rejects(ask(`${FOLDER}/video.mp4`).then((answer) => answer.arrayBuffer()));
    assert.equal(on.origin.faults.length, 1);
    assert.match(on.origin.faults[0] ?? '', new RegExp(`${object} has 5 bytes, the index says \\d+`));
  });

  it('logs what it refuses: ids that are paths, malformed input, and a store that is down', async () => {
    for (const [path, status, want] of [
      ['/api/channels/hall-7/broadcasts/..%2f..%2fsecret', 404, /^info .*%2fsecret refused: .*secret/],
      ['/api/broadcasts?from=noon', 400, /^info \/api\/broadcasts refused: query\.from: want a whole number/],
      ['/api/broadcasts?from=-5', 400, /^info .* refused: query\.from/],
      [`${FOLDER}/video.mp4`, 404, /^info .* refused: channel hall-7: no media of this broadcast/],
    ] as const) {
      on.origin.nowMs += 1000;
      assert.equal((await ask(path)).status, status, path);
      assert.match(on.origin.logged.at(-1) ?? '', want);
    }
    store.isDown = true;
    const answer = await ask(`${FOLDER}/poster.jpg`);
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get('retry-after'), '5');
    assert.match(on.origin.logged.at(-1) ?? '', /^warn .*poster\.jpg failed: .*poster\.jpg/);
  });
});
