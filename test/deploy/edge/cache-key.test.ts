import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import type { Edge } from '../../../cli/edge/start-edge.ts';
import { askEdge, edgeBefore } from './ask-edge.ts';
import { type CountedOrigin, sendPublic, startCountedOrigin } from './counted-origin.ts';

describe('the cache key of the edge', () => {
  let origin: CountedOrigin;
  let edge: Edge;
  before(async () => {
    origin = await startCountedOrigin((req, res) => {
      if (req.url?.startsWith('/live/hall-7/gzip') === true) {
        const accepts = req.headers['accept-encoding']?.includes('gzip') === true;
        const plain = Buffer.from('#EXTM3U\n'.repeat(100));
        const body = accepts ? gzipSync(plain) : plain;
        res.writeHead(200, {
          'Cache-Control': 'public, max-age=60',
          'Content-Type': 'application/vnd.apple.mpegurl',
          Vary: 'Accept-Encoding',
          ...(accepts ? { 'Content-Encoding': 'gzip' } : {}),
          'Content-Length': body.length,
        });
        res.end(body);
      } else sendPublic(res, `${req.url}`);
    });
    edge = await edgeBefore([origin]);
  });
  after(async () => {
    await edge.stop();
    await origin.kill();
  });

  const queries: readonly { asked: string; want: string }[] = [
    { asked: '/live/a/720p.m3u8', want: '/live/a/720p.m3u8' },
    { asked: '/live/a/720p.m3u8?', want: '/live/a/720p.m3u8' },
    { asked: '/live/b/720p.m3u8?utm=1&x', want: '/live/b/720p.m3u8' },
    { asked: '/live/c/720p.m3u8?_HLS_part=2&_HLS_msn=7', want: '/live/c/720p.m3u8?_HLS_msn=7&_HLS_part=2' },
    {
      asked: '/live/d/720p.m3u8?x=1&_HLS_skip=YES&_HLS_part=2&y&_HLS_msn=7&z=%20',
      want: '/live/d/720p.m3u8?_HLS_msn=7&_HLS_part=2&_HLS_skip=YES',
    },
    { asked: '/live/e/720p.m3u8?_HLS%5Fmsn=7&CMCD=br%3D1', want: '/live/e/720p.m3u8?_HLS_msn=7' },
    { asked: '/live/f/index.m3u8?start=123&_HLS_msnx=1&xstart=2', want: '/live/f/index.m3u8?start=123' },
    // Given twice, or without a value: the origin says what is wrong.
    { asked: '/live/g/1.m3u8?_HLS_msn=7&_HLS_msn=8', want: '/live/g/1.m3u8?_HLS_msn=7&_HLS_msn=8' },
    { asked: '/live/h/1.m3u8?_HLS_msn', want: '/live/h/1.m3u8?_HLS_msn' },
    { asked: '/media/a/720p/7.2.m4s?_HLS_msn=7&x=1', want: '/media/a/720p/7.2.m4s' },
    { asked: '/media/a/720p/7.live.m4s?x', want: '/media/a/720p/7.live.m4s' },
    { asked: '/replay/a/1-2/index.m3u8?start=1', want: '/replay/a/1-2/index.m3u8' },
    { asked: '/watch/a?start=1', want: '/watch/a' },
  ];
  for (const { asked, want } of queries) {
    it(`of ${asked} is ${want}`, async () => {
      assert.equal((await askEdge(edge, asked)).body, want);
      await askEdge(edge, asked);
      assert.equal(origin.asked.filter((line) => line === `GET ${want}`).length, 1);
    });
  }

  it('has no cookie, no host, no language and no other header in it', async () => {
    const path = '/live/headers/720p.m3u8';
    await askEdge(edge, path);
    for (const headers of [
      { cookie: 'sid=1; lectern-token=x' },
      { host: 'other.example' },
      { 'accept-language': 'zh' },
      { 'user-agent': 'x' },
    ] as Record<string, string>[]) {
      assert.equal((await askEdge(edge, path, { headers })).headers['cache-status'], 'lectern-edge; hit');
    }
    assert.equal(origin.countOf(path), 1);
    assert.equal(origin.lastHeaders().cookie, undefined);
  });

  it('is one for clients that take gzip and those that do not: it is gzipped once', async () => {
    const path = '/live/hall-7/gzip.m3u8';
    const packed = await askEdge(edge, path, { headers: { 'accept-encoding': 'br, gzip;q=0.9, zstd' } });
    assert.equal(packed.headers['content-encoding'], 'gzip');
    const plain = await askEdge(edge, path);
    assert.equal(plain.headers['content-encoding'], undefined);
    assert.match(plain.body, /^(#EXTM3U\n){100}$/);
    assert.equal(origin.countOf(path), 1);
  });

  it('takes a HEAD and a Range of the same object', async () => {
    const path = '/media/hall-7/720p/range.m4s';
    const whole = await askEdge(edge, path);
    const head = await askEdge(edge, path, { method: 'HEAD' });
    assert.equal(head.headers['content-length'], String(whole.body.length));
    const part = await askEdge(edge, path, { headers: { range: 'bytes=1-5' } });
    assert.deepEqual([part.status, part.body], [206, whole.body.slice(1, 6)]);
    assert.equal(part.headers['content-range'], `bytes 1-5/${whole.body.length}`);
    assert.equal(origin.countOf(path), 1);
  });

  const passed = [
    ...['/api/channels', '/api/time', '/teach/hall-7', '/ops', '/healthz2', '/metrics'],
    // Not quite right: the origin redirects them, with the query.
    ...['/Live/Hall-7/index.m3u8', '/live//hall-7/index.m3u8', '/live/hall-7/', '/watch/Hall-7?start=1'],
    ...['/api/channels/hall-7/broadcasts/b1/video.mp4?token=x'],
  ];
  for (const path of passed) {
    it(`passes ${path} as it came, and stores nothing`, async () => {
      const cookie = 'lectern-token=abc';
      for (let times = 1; times <= 2; times++) {
        await askEdge(edge, path, { headers: { cookie, authorization: 'Bearer x' } });
        assert.equal(origin.asked.filter((line) => line === `GET ${path}`).length, times);
      }
      assert.equal(origin.lastHeaders().cookie, cookie);
      assert.equal(origin.lastHeaders().authorization, 'Bearer x');
    });
  }

  it('passes what is no GET and no HEAD', async () => {
    for (const method of ['POST', 'PATCH', 'DELETE', 'OPTIONS', 'PUT']) {
      await askEdge(edge, '/live/methods/index.m3u8', { method });
      assert.equal(origin.countOf(`${method} /live/methods/index.m3u8`), 1);
    }
  });
});
