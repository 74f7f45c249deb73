import assert from 'node:assert/strict';
import type { Edge } from '../../../cli/edge/start-edge.ts';
import { mintToken, type TokenClaims } from '../../../shared/token.ts';
import { TEST_SECRET } from '../../support/pipeline.ts';
import { askEdge, askRaw, edgeBefore } from './ask-edge.ts';
import { type CountedOrigin, sendPublic, startCountedOrigin } from './counted-origin.ts';

describe('what the edge forgets', () => {
  let origin: CountedOrigin;
  let edge: Edge;
  beforeEach(async () => {
    origin = await startCountedOrigin((req, res) => sendPublic(res, `${req.url}`));
    edge = await edgeBefore([origin]);
  });
  afterEach(async () => {
    await edge.stop();
    await origin.kill();
  });

  const authorization = async (claims: Partial<TokenClaims> = {}, secret = TEST_SECRET): Promise<string> =>
    `Bearer ${await mintToken(secret, {
      ...{ sub: 'o', name: 'O', channel: '*', role: 'operator', exp: Math.floor(Date.now() / 1000) + 60 },
      ...claims,
    })}`;
  const isStored = async (path: string): Promise<boolean> =>
    (await askEdge(edge, path)).headers['cache-status'] === 'lectern-edge; hit';

  it('is one object by PURGE, that for HTTP/1.0 too', async () => {
    const paths = ['/media/hall-7/720p/5.m4s', '/media/hall-7/720p/6.m4s'];
    const old = 'GET /media/hall-7/720p/5.m4s HTTP/1.0\r\n\r\n';
    for (const path of paths) await askEdge(edge, path);
    await askRaw(edge, old);
    const headers = { authorization: await authorization() };
    const purged = await askEdge(edge, '/media/hall-7/720p/5.m4s', { method: 'PURGE', headers });
    assert.deepEqual([purged.status, purged.body], [200, '{"status":"forgotten"}\n']);
    assert.equal(await isStored('/media/hall-7/720p/6.m4s'), true);
    assert.equal(await isStored('/media/hall-7/720p/5.m4s'), false);
    await askRaw(edge, old);
    assert.equal(origin.countOf('/5.m4s'), 4);
  });

  it('is all of a channel by BAN, with what was asked for with a query', async () => {
    const gone = [
      '/media/hall-7/720p/5.m4s',
      '/live/hall-7/720p.m3u8?_HLS_msn=5',
      '/replay/hall-7/1-2/index.m3u8',
    ];
    const others = ['/media/hall-77/720p/5.m4s', '/live/hall-8/720p.m3u8'];
    for (const path of [...gone, ...others]) await askEdge(edge, path);
    const headers = {
      authorization: await authorization(),
      'lectern-paths': '^/(live|media|replay)/hall-7/',
    };
    assert.equal((await askEdge(edge, '/', { method: 'BAN', headers })).status, 200);
    for (const path of gone) assert.equal(await isStored(path), false, path);
    for (const path of others) assert.equal(await isStored(path), true, path);
  });

  it('is nothing for others than operators of all channels', async () => {
    const path = '/media/hall-7/720p/5.m4s';
    await askEdge(edge, path);
    const table: readonly [headers: Record<string, string>, status: number, code: string][] = [
      [{}, 401, 'no-token'],
      [{ authorization: 'Bearer a.b.c' }, 401, 'bad-token'],
      [{ authorization: await authorization({}, 'another secret, also long') }, 401, 'bad-token'],
      [{ authorization: await authorization({ exp: 5 }) }, 401, 'expired-token'],
      [{ authorization: await authorization({ role: 'teacher' }) }, 403, 'forbidden'],
      [{ authorization: await authorization({ channel: 'hall-7' }) }, 403, 'forbidden'],
    ];
    for (const [headers, status, code] of table) {
      for (const method of ['PURGE', 'BAN']) {
        const answer = await askEdge(edge, path, {
          method,
          headers: { ...headers, 'lectern-paths': '^/media/.*' },
        });
        assert.equal(answer.status, status);
        assert.match(answer.body, new RegExp(`^\\{"error":\\{"code":"${code}","message":".+"\\}\\}\\n$`));
        JSON.parse(answer.body);
      }
    }
    assert.equal(await isStored(path), true);
    assert.equal(origin.asked.length, 1, 'the origin hears nothing of it');
  });

  for (const paths of ['', 'media', '^/', '^/media/x && obj.status == 200', '^/media/(']) {
    it(`is nothing for the expression ${JSON.stringify(paths)}`, async () => {
      const headers = { authorization: await authorization(), 'lectern-paths': paths };
      assert.equal((await askEdge(edge, '/', { method: 'BAN', headers })).status, 400);
    });
  }
});
