import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express, { type NextFunction, type Request, type Response as Reply } from 'express';
import { type BroadcastRecord } from '../../../../origin/broadcasts/broadcast-record.ts';
import { BroadcastLibrary } from '../../../../origin/broadcasts/broadcast-library.ts';
import { createBroadcastsApi } from '../../../../origin/http/api/broadcasts-api.ts';
import { DownloadHandler } from '../../../../origin/http/api/download-handler.ts';
import { Storyboards } from '../../../../origin/storyboard/storyboards.ts';
import { sendError } from '../../../../shared/http-errors.ts';
import { silentLogger } from '../../../../shared/logger.ts';
import { mintToken, type TokenRole } from '../../../../shared/token.ts';
import { makeTempDir, type TempDir } from '../../../support/temp-dir.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { type RecordingOrigin, recordingOrigin } from '../../support/past-on-stage.ts';
import { START_MS } from '../../support/synthetic.ts';

/** What any answer of the API may hold; a test looks at what it asked for. */
type Body = BroadcastRecord & {
  readonly broadcasts: readonly BroadcastRecord[];
  readonly next: string | null;
  readonly facets?: object;
  readonly durationMs: number;
  readonly replay: string | null;
  readonly download: string | null;
  readonly error: { readonly code: string };
};

type Asked = { method?: string; role?: TokenRole; channel?: string; body?: unknown } & Partial<
  Record<'range' | 'ifRange', string>
>;

describe('the library over HTTP', () => {
  let directory: TempDir;
  let on: RecordingOrigin;
  let library: BroadcastLibrary;
  let server: Server;
  let access: 'open' | 'token';
  let store: MemoryStore;
  beforeEach(async () => {
    directory = makeTempDir();
    store = new MemoryStore();
    on = await recordingOrigin(store, directory.path);
    library = new BroadcastLibrary(store, silentLogger);
    await library.refresh();
    access = 'open';
    const { secret } = on.origin.config;
    const app = express();
    app.use(
      createBroadcastsApi({
        library,
        clock: { nowMs: () => on.origin.nowMs },
        logger: silentLogger,
        cuts: { changed: () => {} },
        playback: {
          secret,
          get access() {
            return access;
          },
        },
        downloads: new DownloadHandler({
          ...{ index: on.index, reader: on.reader, logger: silentLogger },
          ...{ limits: { most: 32, mostPerAddress: 32 }, clientAddress: () => '203.0.113.5' },
        }),
        storyboards: new Storyboards({
          ...{ store, index: on.index, reader: on.reader, logger: silentLogger, program: 'ffmpeg' },
          onMade: () => {},
        }),
      }),
    );
    app.use((error: unknown, _req: Request, res: Reply, _next: NextFunction) => void sendError(res, error));
    server = createServer(app);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await on.stop();
    directory.remove();
  });

  const put = (id: string, startMs: number, more: Partial<BroadcastRecord> = {}): void => {
    library.put({
      ...{ id, channel: 'hall-7', title: `Lesson ${id}`, language: 'zh', startMs, endMs: startMs + 4800 },
      ...{ gaps: [], keep: false, ...more },
    });
  };
  const path = '/api/channels/hall-7/broadcasts/a';
  const stored = (id: string): BroadcastRecord =>
    JSON.parse(String(store.objects.get(`broadcasts/hall-7/${id}.json`)));
  const bearer = async (role: TokenRole, channel = 'hall-7'): Promise<string> => {
    const exp = Math.floor(on.origin.nowMs / 1000) + 3600;
    return mintToken(on.origin.config.secret, { ...{ sub: 't', name: 't', channel, role }, exp });
  };
  const ask = async (
    path: string,
    options: Asked = {},
  ): Promise<{ status: number; headers: Headers; body: Buffer; json: Body }> => {
    const { method = 'GET', role, channel, body, range, ifRange } = options;
    const headers: Record<string, string> = {};
    if (role !== undefined) headers['authorization'] = `Bearer ${await bearer(role, channel)}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (range !== undefined) headers['range'] = range;
    if (ifRange !== undefined) headers['if-range'] = ifRange;
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    const json: Body = JSON.parse(isJson ? bytes.toString() : '{}');
    return { status: answer.status, headers: answer.headers, body: bytes, json };
  };

  it('gives pages, newest first, and what there is to choose from', async () => {
    for (let i = 0; i < 5; i += 1) put(`b${i}`, 1000 + i, { grade: 7 + (i % 2), subject: 'Art' });
    const first = await ask('/api/broadcasts?limit=2');
    assert.deepEqual(
      first.json.broadcasts.map(({ id }) => id),
      ['b4', 'b3'],
    );
    assert.deepEqual(first.json.facets, { grades: [7, 8], subjects: ['Art'], teachers: [] });
    const second = await ask(`/api/broadcasts?limit=2&after=${first.json.next}&facets=no`);
    assert.deepEqual(
      second.json.broadcasts.map(({ id }) => id),
      ['b2', 'b1'],
    );
    assert.equal(second.json.facets, undefined);
    const last = await ask(`/api/broadcasts?limit=2&grade=7&after=${second.json.next}`);
    assert.deepEqual(
      last.json.broadcasts.map(({ id }) => id),
      ['b0'],
    );
    assert.equal(last.json.next, null);
  });

  it('answers a broadcast with what follows from it', async () => {
    put('a', START_MS, { gaps: [{ startMs: START_MS + 1600, endMs: START_MS + 3200 }] });
    put('live', START_MS + 16_000, { endMs: null });
    const { json } = await ask('/api/channels/hall-7/broadcasts/a');
    assert.equal(json.durationMs, 3200);
    assert.equal(json.replay, `/replay/hall-7/${START_MS}-${START_MS + 4800}/index.m3u8`);
    assert.equal(json.download, '/api/channels/hall-7/broadcasts/a/video.mp4');
    const live = await ask('/api/channels/hall-7/broadcasts/live');
    assert.deepEqual([live.json.replay, live.json.download, live.json.endMs], [null, null, null]);
  });

  it('a teacher renames, trims and protects her broadcast, and the replay is trimmed', async () => {
    put('a', START_MS);
    const body = { title: 'Fractions', trimStartMs: START_MS + 1600, keep: true };
    const answer = await ask(path, { method: 'PATCH', role: 'teacher', body });
    assert.equal(answer.status, 200);
    assert.equal(answer.json.replay, `/replay/hall-7/${START_MS + 1600}-${START_MS + 4800}/index.m3u8`);
    assert.deepEqual([answer.json.title, answer.json.keep], ['Fractions', true]);
    assert.equal((await ask(path)).json.title, 'Fractions');
  });

  it('an operator deletes a broadcast: it leaves the library at once, and its media is deleted later', async () => {
    put('a', START_MS);
    assert.equal((await ask(path, { method: 'DELETE', role: 'operator', channel: '*' })).status, 204);
    assert.equal((await ask(path)).json.error.code, 'unknown-broadcast');
    assert.equal(stored('a').deletedMs, on.origin.nowMs);
  });

  it('a change is answered once it is stored, and refused while the store is unavailable', async () => {
    put('a', START_MS);
    await library.settled();
    const body = { keep: true };
    store.isDown = true;
    for (const method of ['PATCH', 'DELETE']) {
      const answer = await ask(path, { method, body, role: 'teacher' });
      assert.deepEqual([answer.status, answer.json.error.code], [503, 'store-unavailable']);
      assert.match(String(answer.headers.get('retry-after')), /^[1-9]/);
    }
    store.isDown = false;
    assert.equal((await ask(path)).json.keep, false);
    await ask(path, { method: 'PATCH', body, role: 'teacher' });
    assert.equal(stored('a').keep, true);
  });

  const refusals: {
    name: string;
    path: string;
    options?: Parameters<typeof ask>[1];
    status: number;
    code: string;
  }[] = [
    { name: 'an unknown parameter', path: '/api/broadcasts?colour=red', status: 400, code: 'bad-input' },
    { name: 'a grade in words', path: '/api/broadcasts?grade=seven', status: 400, code: 'bad-input' },
    { name: 'a parameter twice', path: '/api/broadcasts?q=a&q=b', status: 400, code: 'bad-input' },
    { name: 'an invalid cursor', path: '/api/broadcasts?after=x', status: 400, code: 'bad-input' },
    {
      name: 'another broadcast',
      path: '/api/channels/hall-7/broadcasts/x',
      status: 404,
      code: 'unknown-broadcast',
    },
    {
      name: 'another channel',
      path: '/api/channels/hall-9/broadcasts/a',
      status: 404,
      code: 'unknown-broadcast',
    },
    {
      name: 'a path in place of an id',
      path: '/api/channels/hall-7/broadcasts/..%2f..%2fsecret',
      status: 404,
      code: 'unknown-broadcast',
    },
    {
      name: 'a change without a token',
      path: '/api/channels/hall-7/broadcasts/a',
      options: { method: 'PATCH', body: { keep: true } },
      status: 401,
      code: 'no-token',
    },
    {
      name: 'a change by a student',
      path: '/api/channels/hall-7/broadcasts/a',
      options: { method: 'PATCH', body: { keep: true }, role: 'student' },
      status: 403,
      code: 'forbidden',
    },
    {
      name: 'a deletion by another channel’s teacher',
      path: '/api/channels/hall-7/broadcasts/a',
      options: { method: 'DELETE', role: 'teacher', channel: 'hall-8' },
      status: 403,
      code: 'forbidden',
    },
    {
      name: 'a change of its times',
      path: '/api/channels/hall-7/broadcasts/a',
      options: { method: 'PATCH', body: { startMs: 1 }, role: 'teacher' },
      status: 400,
      code: 'bad-input',
    },
    {
      name: 'a trim that leaves nothing',
      path: '/api/channels/hall-7/broadcasts/a',
      options: { method: 'PATCH', body: { trimEndMs: START_MS }, role: 'teacher' },
      status: 400,
      code: 'bad-trim',
    },
    {
      name: 'the deletion of what is on air',
      path: '/api/channels/hall-7/broadcasts/live',
      options: { method: 'DELETE', role: 'teacher' },
      status: 409,
      code: 'broadcast-on-air',
    },
    {
      name: 'the download of what is on air',
      path: '/api/channels/hall-7/broadcasts/live/video.mp4',
      status: 409,
      code: 'broadcast-on-air',
    },
    {
      name: 'the download of what is gone',
      path: '/api/channels/hall-7/broadcasts/a/video.mp4',
      status: 404,
      code: 'nothing-recorded',
    },
  ];
  for (const { name, path, options, status, code } of refusals) {
    it(`refuses ${name}: ${code}`, async () => {
      put('a', START_MS);
      put('live', START_MS + 16_000, { endMs: null });
      const answer = await ask(path, options);
      assert.equal(answer.status, status);
      assert.equal(answer.json.error.code, code);
    });
  }

  it('with access by token, reading needs one for the channel', async () => {
    access = 'token';
    put('a', START_MS);
    assert.equal((await ask(path)).status, 401);
    assert.equal((await ask(path, { role: 'student', channel: 'hall-8' })).status, 403);
    assert.equal((await ask(path, { role: 'student' })).status, 200);
    assert.equal((await ask('/api/broadcasts?channel=hall-7', { role: 'student' })).status, 200);
    assert.equal((await ask('/api/broadcasts', { role: 'student' })).status, 403);
    assert.equal((await ask(`${path}/video.mp4`)).status, 401);
    assert.equal((await ask(`${path}/video.mp4?token=${await bearer('student')}`)).status, 404);
    for (const file of ['video.mp4', 'poster.jpg', 'storyboard.vtt', 'storyboard-0.jpg']) {
      for (const role of ['teacher', 'operator', 'encoder', 'worker'] as const) {
        const refused = await ask(`${path}/${file}?token=${await bearer(role)}`);
        assert.equal(refused.status, 403);
        assert.equal(refused.json.error.code, 'token-in-address', `${file} ${role}`);
      }
    }
  });

  describe('a download', () => {
    /** A class with an interruption, and its broadcast. */
    const record = async (): Promise<string> => {
      on.origin.goOnAir('b1');
      on.origin.run(1600 * 6);
      on.origin.goOffAir('interrupted', 1600 * 5);
      on.origin.goOnAir('b2');
      on.origin.run(1600 * 6);
      on.origin.goOffAir('over', 1600 * 2);
      await on.archive.settled();
      put('a', START_MS, { endMs: on.origin.nowMs, title: '分数 / "Fractions"' });
      return '/api/channels/hall-7/broadcasts/a/video.mp4';
    };
    type Packet = { stream_index: number; dts: number };
    const packets = (bytes: Buffer): Packet[] => {
      const path = join(directory.path, 'download.mp4');
      writeFileSync(path, bytes);
      const args = ['-v', 'error', '-show_packets', '-of', 'json', path];
      return JSON.parse(execFileSync('ffprobe', args, { maxBuffer: 1e8 }).toString()).packets;
    };

    it('is one file whose packets follow each other without a gap, sound beside picture (ffprobe)', async () => {
      const { status, headers, body } = await ask(await record());
      assert.equal(status, 200);
      assert.equal(Number(headers.get('content-length')), body.length);
      const name = `filename="_ Fractions.mp4"; filename*=UTF-8''${encodeURIComponent('分数 Fractions')}.mp4`;
      assert.equal(headers.get('content-disposition'), `attachment; ${name}`);
      const all = packets(body);
      const ends: number[] = [];
      for (const [stream, timescaleHz, frameTicks] of [
        [0, 90_000, 3600],
        [1, 48_000, 1024],
      ] as const) {
        const own = all.filter(({ stream_index }) => stream_index === stream);
        assert.equal(own[0]?.dts, 0);
        own.forEach((packet, i) => {
          const next = own[i + 1];
          // At the interruption a track may begin up to one frame of the other later.
          const holeS = next === undefined ? 0 : (next.dts - packet.dts - frameTicks) / timescaleHz;
          assert.ok(Math.abs(holeS) < 0.045, `stream ${stream} packet ${i}: ${holeS} s`);
        });
        const last = own.at(-1);
        ends.push(((last?.dts ?? 0) + frameTicks) / timescaleHz);
      }
      assert.ok(Math.abs((ends[0] ?? 0) - (ends[1] ?? 9)) < 0.05, ends.join());
      assert.ok((ends[0] ?? 0) > 17 && (ends[0] ?? 0) < 19.3, ends.join());
    });

    it('can be resumed (RFC 9110 §14.2)', async () => {
      const path = await record();
      const whole = (await ask(path)).body;
      for (const [from, to] of [
        [0, 9],
        [700, 701],
        [1000, whole.length - 1],
        [whole.length - 5, whole.length - 1],
      ] as const) {
        const part = await ask(path, { range: `bytes=${from}-${to}` });
        assert.equal(part.status, 206);
        assert.equal(part.headers.get('content-range'), `bytes ${from}-${to}/${whole.length}`);
        assert.deepEqual(part.body, whole.subarray(from, to + 1));
      }
      assert.equal((await ask(path, { range: `bytes=${whole.length}-` })).status, 416);
    });

    it('is resumed only while the file is the same (RFC 9110 §13.1.5)', async () => {
      const path = await record();
      const whole = await ask(path);
      const range = 'bytes=700-701';
      const tag = whole.headers.get('etag') ?? '';
      assert.match(tag, /^"[0-9a-f]{32}"$/);
      assert.equal((await ask(path, { range, ifRange: tag })).status, 206);
      await library.change('hall-7', 'a', (known) => ({ ...known, trimStartMs: START_MS + 1600 }));
      const trimmed = await ask(path, { range, ifRange: tag });
      assert.equal(trimmed.status, 200);
      assert.notEqual(trimmed.headers.get('etag'), tag);
      assert.ok(trimmed.body.length < whole.body.length);
    });

    it('answers HEAD with its whole length, whatever Range it has (RFC 9110 §14.2)', async () => {
      const path = await record();
      const answer = await ask(path, { method: 'HEAD', range: 'bytes=0-9' });
      assert.equal(answer.status, 200);
      assert.equal(Number(answer.headers.get('content-length')), (await ask(path)).body.length);
    });

    it('is of the requested rendition, or of sound only', async () => {
      const path = await record();
      const small = await ask(`${path}?rendition=360p`);
      const sound = await ask(`${path}?rendition=audio`);
      assert.equal(small.status, 200);
      assert.ok(packets(sound.body).every(({ stream_index }) => stream_index === 0));
      assert.equal((await ask(`${path}?rendition=4k`)).json.error.code, 'unknown-rendition');
    });
  });
});
