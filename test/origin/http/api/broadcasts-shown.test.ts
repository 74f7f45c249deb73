import assert from 'node:assert/strict';
import { BroadcastLibrary } from '../../../../origin/broadcasts/broadcast-library.ts';
import type { BroadcastRecord } from '../../../../origin/broadcasts/broadcast-record.ts';
import { createBroadcastsApi } from '../../../../origin/http/api/broadcasts-api.ts';
import { DownloadHandler } from '../../../../origin/http/api/download-handler.ts';
import { Storyboards } from '../../../../origin/storyboard/storyboards.ts';
import { type HttpServer, startHttpServer } from '../../../../shared/http-server.ts';
import { silentLogger } from '../../../../shared/logger.ts';
import { mintToken, type TokenRole } from '../../../../shared/token.ts';
import { makeTempDir, type TempDir } from '../../../support/temp-dir.ts';
import { lesson } from '../../support/library-on-stage.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { type RecordingOrigin, recordingOrigin } from '../../support/past-on-stage.ts';
import { START_MS } from '../../support/synthetic.ts';

type Body = BroadcastRecord & { readonly broadcasts: readonly BroadcastRecord[]; readonly facets?: object };

describe('what the library shows to whom', () => {
  let directory: TempDir;
  let on: RecordingOrigin;
  let library: BroadcastLibrary;
  let server: HttpServer;
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
    const { index, reader } = on;
    const made = { index, reader, logger: silentLogger };
    server = await startHttpServer({ host: '127.0.0.1', port: 0, logger: silentLogger });
    server.routes.use(
      createBroadcastsApi({
        ...{ library, clock: { nowMs: () => on.origin.nowMs }, logger: silentLogger, cuts: on.cuts },
        playback: {
          secret,
          get access() {
            return access;
          },
        },
        downloads: new DownloadHandler({
          ...made,
          limits: { most: 32, mostPerAddress: 32 },
          clientAddress: () => '203.0.113.5',
        }),
        storyboards: new Storyboards({ ...made, store, program: 'ffmpeg', onMade: () => {} }),
      }),
    );
  });
  afterEach(async () => {
    await server.close(0);
    await on.stop();
    directory.remove();
  });

  const path = '/api/channels/hall-7/broadcasts/a';
  const put = (id: string, startMs: number, more: Partial<BroadcastRecord> = {}): void =>
    library.put(lesson(id, startMs, more));
  const ask = async (
    asked: string,
    { role, channel = 'hall-7' }: { role?: TokenRole; channel?: string } = {},
  ): Promise<{ status: number; headers: Headers; json: Body }> => {
    const exp = Math.floor(on.origin.nowMs / 1000) + 3600;
    const headers: Record<string, string> = {};
    if (role !== undefined) {
      const claims = { sub: 't', name: 't', channel, role, exp };
      headers['authorization'] = `Bearer ${await mintToken(on.origin.config.secret, claims)}`;
    }
    const answer = await fetch(`${server.url}${asked}`, { headers });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      json: text.startsWith('{') ? JSON.parse(text) : {},
    };
  };

  it('tells those who may not edit nothing of what was cut off', async () => {
    const marks = [1000, 30_000].map((afterMs) => ({
      ...{ id: `m${afterMs}`, atMs: START_MS + afterMs, kind: 'presence', label: 'Who is here?' },
      endMs: null,
    }));
    const trim = { trimStartMs: START_MS + 16_000, trimEndMs: START_MS + 48_000 };
    put('a', START_MS, { endMs: START_MS + 64_000, ...trim });
    await library.change('hall-7', 'a', (known) => Object.assign(known, { marks }));
    for (const mode of ['open', 'token'] as const) {
      access = mode;
      for (const [asked, read] of [
        [path, (json: Body) => json],
        ['/api/broadcasts?channel=hall-7', (json: Body) => json.broadcasts[0]],
      ] as const) {
        const student = await ask(asked, mode === 'open' ? {} : { role: 'student' });
        const seen = read(student.json);
        assert.ok(seen !== undefined);
        assert.deepEqual(
          [seen.startMs, seen.endMs, seen.trimStartMs, seen.trimEndMs],
          [START_MS + 16_000, START_MS + 48_000, undefined, undefined],
        );
        assert.deepEqual(
          seen.marks?.map(({ id }) => id),
          ['m30000'],
        );
        const teacher = await ask(asked, { role: 'teacher' });
        const whole = read(teacher.json);
        assert.deepEqual([whole?.startMs, whole?.trimStartMs], [START_MS, START_MS + 16_000]);
        assert.equal(whole?.marks?.length, 2);
        assert.equal(teacher.headers.get('cache-control'), 'private, max-age=1');
        assert.match(student.headers.get('vary') ?? '', /Authorization/i);
        // The roll call takes the attendance of the whole class.
        assert.equal(read((await ask(asked, { role: 'worker' })).json)?.startMs, START_MS);
        const elsewhere = await ask(asked, { role: 'teacher', channel: 'hall-8' });
        if (mode === 'open') assert.equal(read(elsewhere.json)?.startMs, START_MS + 16_000);
        else assert.equal(elsewhere.status, 403);
      }
    }
  });

  it('gives no picture that was drawn before a cut', async () => {
    put('a', START_MS, { endMs: START_MS + 64_000, trimStartMs: START_MS + 16_000 });
    const folder = 'storyboards/hall-7/a/';
    const draw = (timesMs: readonly number[]): void => {
      store.objects.set(`${folder}storyboard.json`, Buffer.from(JSON.stringify({ timesMs, sheets: 1 })));
    };
    for (const name of ['poster', 'sheet-0']) store.objects.set(`${folder}${name}.jpg`, Buffer.from('jpeg'));
    for (const [timesMs, want] of [
      [[START_MS, START_MS + 16_000], 404],
      [[START_MS + 14_500, START_MS + 32_000], 200],
      [[START_MS + 16_000, START_MS + 64_000], 404],
    ] as const) {
      draw(timesMs);
      for (const file of ['poster.jpg', 'storyboard-0.jpg', 'storyboard.vtt']) {
        assert.equal((await ask(`${path}/${file}`)).status, want, `${file} ${timesMs.join()}`);
      }
    }
  });

  it('with access by token, a token of one channel tells nothing of the others', async () => {
    put('a', START_MS, { subject: 'Art', teacher: 'Ms Li', grade: 7 });
    put('b', START_MS, { channel: 'hall-8', subject: 'Latin', teacher: 'Mr Wu', grade: 9 });
    const facets = async (channel: string, query = '') =>
      (await ask(`/api/broadcasts${query}`, { role: 'student', channel })).json.facets;
    const [own, all] = [
      { grades: [7], subjects: ['Art'], teachers: ['Ms Li'] },
      { grades: [7, 9], subjects: ['Art', 'Latin'], teachers: ['Mr Wu', 'Ms Li'] },
    ];
    access = 'token';
    assert.deepEqual(await facets('hall-7', '?channel=hall-7'), own);
    assert.deepEqual(await facets('*'), all);
    access = 'open';
    assert.deepEqual(await facets('hall-7', '?channel=hall-7'), all);
  });
});
