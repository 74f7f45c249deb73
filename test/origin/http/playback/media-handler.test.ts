import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { waitFor } from '../../../support/wait-for.ts';
import { type Answer, OriginOnStage } from '../../support/origin-on-stage.ts';

const text = (answer: Answer): string => answer.body.toString('utf8');
const errorCode = (answer: Answer): unknown => JSON.parse(text(answer)).error.code;

describe('playback paths', () => {
  let origin: OriginOnStage;
  beforeEach(async () => {
    origin = new OriginOnStage();
    await origin.listen();
    origin.goOnAir();
    origin.run(5000);
  });
  afterEach(() => origin.stop());

  /** The newest segment of 720p: one that is open, with at least one part. */
  const newest = () => {
    const segment = origin.channel.rendition('720p')?.segments.at(-1);
    assert.ok(segment !== undefined && !segment.closed);
    return segment;
  };
  const held = (count: number): Promise<unknown> =>
    waitFor(`${count} requests held`, () => origin.media.blockedCount === count);

  describe('cache headers, CORS and compression (contract)', () => {
    const table: readonly { name: string; path: () => string; cache: string; type: string }[] = [
      {
        name: 'multivariant',
        path: () => '/live/hall-7/index.m3u8',
        cache: 'public, max-age=1',
        type: 'application/vnd.apple.mpegurl',
      },
      {
        name: 'MPD',
        path: () => '/live/hall-7/manifest.mpd',
        cache: 'public, max-age=1',
        type: 'application/dash+xml',
      },
      {
        name: 'playlist',
        path: () => '/live/hall-7/720p.m3u8',
        cache: 'public, max-age=1',
        type: 'application/vnd.apple.mpegurl',
      },
      {
        name: 'playlist with directives',
        path: () => `/live/hall-7/720p.m3u8?_HLS_msn=${newest().number}&_HLS_part=0`,
        cache: 'public, max-age=12',
        type: 'application/vnd.apple.mpegurl',
      },
      {
        name: 'part',
        path: () => `/media/hall-7/720p/${newest().number}.0.m4s`,
        cache: 'public, max-age=31536000, immutable',
        type: 'video/mp4',
      },
      {
        name: 'whole segment',
        path: () => `/media/hall-7/audio/${newest().number - 1}.m4s`,
        cache: 'public, max-age=31536000, immutable',
        type: 'audio/mp4',
      },
    ];
    for (const { name, path, cache, type } of table) {
      it(`${name}: ${cache}`, async () => {
        const answer = await origin.ask(path());
        assert.equal(answer.status, 200, text(answer));
        assert.equal(answer.headers['cache-control'], cache);
        assert.equal(answer.headers['content-type'], type);
        assert.equal(answer.headers['access-control-allow-origin'], '*');
        const head = await origin.ask(path(), { method: 'HEAD' });
        assert.equal(head.status, 200);
        assert.equal(head.body.length, 0);
        assert.equal(head.headers['content-length'], String(answer.body.length));
      });
    }

    it('gzips playlists for clients that accept it, and says so to caches (Vary)', async () => {
      const plain = await origin.ask('/live/hall-7/720p.m3u8');
      const zipped = await origin.ask('/live/hall-7/720p.m3u8', {
        headers: { 'accept-encoding': 'br, gzip' },
      });
      assert.equal(zipped.headers['content-encoding'], 'gzip');
      assert.equal(zipped.headers.vary, 'Accept-Encoding');
      assert.deepEqual(gunzipSync(zipped.body), plain.body);
    });

    it('does not gzip for clients that refuse it (RFC 9110 §12.4.2)', async () => {
      for (const accept of ['gzip;q=0', 'br, gzip; q=0.0']) {
        const answer = await origin.ask('/live/hall-7/720p.m3u8', { headers: { 'accept-encoding': accept } });
        assert.equal(answer.headers['content-encoding'], undefined, accept);
      }
    });

    it('answers a preflight', async () => {
      const answer = await origin.ask('/live/hall-7/720p.m3u8', { method: 'OPTIONS' });
      assert.equal(answer.status, 204);
      assert.match(String(answer.headers['access-control-allow-methods']), /GET/);
    });
  });

  describe('refusals: a status, a code, and a second in the caches at most', () => {
    const table: readonly { path: () => string; status: number; code: string; method?: string }[] = [
      { path: () => '/live/hall-8/index.m3u8', status: 404, code: 'unknown-channel' },
      { path: () => '/live/hall-7/999p.m3u8', status: 404, code: 'unknown-rendition' },
      { path: () => '/live/hall-7/720p.m3u8?_HLS_part=1', status: 400, code: 'part-without-msn' },
      { path: () => '/live/hall-7/720p.m3u8?_HLS_msn=-1', status: 400, code: 'bad-directive' },
      {
        path: () => '/live/hall-7/720p.m3u8?_HLS_msn=99999999999999999999',
        status: 400,
        code: 'directive-too-large',
      },
      {
        path: () => `/live/hall-7/720p.m3u8?_HLS_msn=${newest().number + 3}`,
        status: 400,
        code: 'directive-too-far',
      },
      { path: () => '/live/hall-7/720p.m3u8', method: 'DELETE', status: 405, code: 'method-not-allowed' },
      { path: () => `/media/hall-7/720p/${newest().number + 50}.m4s`, status: 404, code: 'no-such-media' },
      { path: () => `/media/hall-7/720p/${newest().number - 500}.m4s`, status: 404, code: 'no-such-media' },
      { path: () => `/media/hall-7/720p/${newest().number}.9999.m4s`, status: 404, code: 'no-such-media' },
      { path: () => '/media/hall-7/720p/init-000000000000.mp4', status: 404, code: 'no-such-media' },
      { path: () => '/media/hall-7/720p/007.m4s', status: 404, code: 'not-found' },
      { path: () => '/media/hall-7/../../etc/passwd', status: 404, code: 'not-found' },
      { path: () => '/live/hall-7/720p.m3u8/x', status: 404, code: 'not-found' },
    ];
    for (const { path, status, code, method = 'GET' } of table) {
      it(`${code} ${status}: ${method} ${path
        .toString()
        .replace(/^\(\) => /, '')
        .slice(0, 60)}`, async () => {
        const answer = await origin.ask(path(), { method });
        assert.equal(answer.status, status, text(answer));
        assert.equal(errorCode(answer), code);
        assert.match(String(answer.headers['cache-control']), /max-age=1$/);
        assert.equal(answer.headers.allow, status === 405 ? 'GET, HEAD, OPTIONS' : undefined);
      });
    }
  });

  describe('blocking reload (RFC 8216bis §6.2.5.2)', () => {
    it('blocks a request until the part is there, and answers all that wait with the same bytes', async () => {
      const { number, parts } = newest();
      const path = `/live/hall-7/720p.m3u8?_HLS_msn=${number}&_HLS_part=${parts.length}`;
      const answers = Promise.all(Array.from({ length: 20 }, () => origin.ask(path)));
      await held(20);
      origin.run(200);
      const bodies = (await answers).map(text);
      assert.equal(new Set(bodies).size, 1);
      assert.ok(bodies[0]?.includes(`${number}.${parts.length}.m4s"`));
      assert.equal(origin.media.blockedCount, 0);
    });

    it('answers _HLS_msn alone when the whole segment is there', async () => {
      const { number } = newest();
      const asked = origin.ask(`/live/hall-7/720p.m3u8?_HLS_msn=${number}`);
      await held(1);
      origin.run(1600);
      assert.match(text(await asked), new RegExp(`/${number}\\.m4s`));
    });

    it('answers an old number at once with the full playlist', async () => {
      const answer = await origin.ask('/live/hall-7/720p.m3u8?_HLS_msn=1&_HLS_part=1');
      assert.equal(answer.status, 200);
      assert.match(text(answer), /#EXT-X-MEDIA-SEQUENCE/);
    });

    it('gives up with 503 after three target durations', async () => {
      const { number } = newest();
      const asked = origin.ask(`/live/hall-7/720p.m3u8?_HLS_msn=${number + 1}&_HLS_part=3`);
      await held(1);
      origin.media.expire(origin.nowMs + 6001);
      const answer = await asked;
      assert.equal(answer.status, 503);
      assert.equal(errorCode(answer), 'nothing-new');
    });

    it('answers 500 and logs it when rendering fails, and the channel continues', async () => {
      const { number, parts } = newest();
      const paths = [
        `/live/hall-7/720p.m3u8?_HLS_msn=${number}&_HLS_part=${parts.length}`,
        `/media/hall-7/720p/${number}.${parts.length}.m4s`,
      ];
      const asked = Promise.all(paths.map((path) => origin.ask(path)));
      await held(2);
      Object.defineProperty(origin.channel, 'mediaPlaylist', {
        value: () => {
          throw new Error('a fault');
        },
      });
      origin.run(200);
      const statuses = (await asked).map(({ status }) => status);
      assert.deepEqual(statuses, [500, 200]);
      assert.equal((await origin.ask('/live/hall-7/720p.m3u8')).status, 500);
      assert.deepEqual(origin.faults, ['/live/hall-7/720p.m3u8 failed: a fault'], 'a line a second');
    });

    it('removes the blocked request of a client that disconnects', async () => {
      const { number } = newest();
      const req = request({ port: origin.port, path: `/live/hall-7/720p.m3u8?_HLS_msn=${number + 1}` });
      req.on('error', () => {});
      req.end();
      await held(1);
      req.destroy();
      await held(0);
    });

    it('renders once for all requests between two changes', () => {
      const first = origin.channel.mediaPlaylist('720p', false);
      assert.ok(first);
      assert.equal(origin.channel.mediaPlaylist('720p', false), first);
      origin.run(400);
      assert.notEqual(origin.channel.mediaPlaylist('720p', false), first);
    });
  });

  describe('parts (RFC 8216bis §6.2.6)', () => {
    it('sends no byte of a hinted part before all of it is there', async () => {
      const { number, parts } = newest();
      const asked = origin.ask(`/media/hall-7/720p/${number}.${parts.length}.m4s`);
      await held(1);
      origin.run(200);
      const answer = await asked;
      assert.equal(answer.status, 200);
      assert.deepEqual(
        answer.body,
        origin.channel.rendition('720p')?.segment(number)?.parts[parts.length]?.bytes,
      );
    });

    it('answers 404 to a preload hint that did not come true', async () => {
      const { number, parts } = newest();
      const asked = origin.ask(`/media/hall-7/720p/${number}.${parts.length}.m4s`);
      await held(1);
      for (const track of ['720p', '360p', 'audio'])
        origin.channel.closeTrack('live.b1', track, 'over', origin.nowMs);
      const flushed = origin.channel.rendition('720p')?.segment(number)?.parts[parts.length];
      assert.equal((await asked).status, flushed === undefined ? 404 : 200);
      const past = await origin.ask(`/media/hall-7/720p/${number}.${parts.length + 1}.m4s`);
      assert.equal(past.status, 404);
    });

    it('blocks a request for a segment that is due while its encoder lags, and sends it when it is there', async () => {
      const { number } = newest();
      // The clock goes on, and nothing comes in: an MPD's clients ask for what should be there by now.
      origin.nowMs += 3 * 1600;
      const asked = origin.ask(`/media/hall-7/720p/${number + 3}.m4s`);
      await held(1);
      origin.nowMs -= 3 * 1600;
      origin.run(4 * 1600);
      const answer = await asked;
      assert.equal(answer.status, 200);
      assert.ok(answer.body.length > 0);
      const tooFar = await origin.ask(`/media/hall-7/720p/${newest().number + 4}.m4s`);
      assert.equal(tooFar.status, 404);
    });

    it('keeps a part downloadable for three target durations after it left the playlist', async () => {
      const { number } = newest();
      const path = `/media/hall-7/720p/${number}.0.m4s`;
      const fresh = await origin.ask(path);
      origin.run(20 * 1600 + 3 * 2000);
      assert.ok(!text(await origin.ask('/live/hall-7/720p.m3u8')).includes(`${number}.m4s`));
      assert.deepEqual((await origin.ask(path)).body, fresh.body);
    });
  });

  it('lets pages on other hosts measure media (Resource Timing)', async () => {
    const answer = await origin.ask(`/media/hall-7/720p/${newest().number}.0.m4s`);
    assert.equal(answer.headers['timing-allow-origin'], '*');
  });

  describe('segments', () => {
    it('sends a segment in progress part by part, and ends with it', async () => {
      const { number, parts } = newest();
      const req = request({ port: origin.port, path: `/media/hall-7/720p/${number}.m4s` });
      req.end();
      const [res] = await once(req, 'response');
      assert.equal(res.headers['transfer-encoding'], 'chunked');
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      await waitFor('the parts that are there', () => chunks.length > 0);
      origin.run(1600);
      await once(res, 'end');
      const whole = await origin.ask(`/media/hall-7/720p/${number}.m4s`);
      assert.ok(parts.length < 8);
      assert.deepEqual(Buffer.concat(chunks), whole.body);
      assert.equal(whole.headers['content-length'], String(whole.body.length));
    });

    /** Resolves when somebody follows a segment of the channel. */
    const followed = (): Promise<void> =>
      new Promise((resolve) => {
        const { channel } = origin;
        const follow = channel.followSegment.bind(channel);
        channel.followSegment = (...which) => {
          channel.followSegment = follow;
          resolve();
          return follow(...which);
        };
      });

    it('sends it to an HTTP/1.0 client once it is whole, with its length: half of one would look whole there', async () => {
      const { number } = newest();
      const path = `/media/hall-7/720p/${number}.m4s`;
      const socket = connect(origin.port, '127.0.0.1');
      const chunks: Buffer[] = [];
      socket.on('data', (bytes: Buffer) => chunks.push(bytes));
      const isFollowed = followed();
      socket.write(`GET ${path} HTTP/1.0\r\n\r\n`);
      await isFollowed;
      assert.equal(chunks.length, 0);
      origin.run(1600);
      await once(socket, 'close');
      const whole = await origin.ask(path);
      const answer = Buffer.concat(chunks);
      const bodyAt = answer.indexOf('\r\n\r\n') + 4;
      assert.match(answer.toString('latin1'), new RegExp(`\r\nContent-Length: ${whole.body.length}\r\n`));
      assert.deepEqual(answer.subarray(bodyAt), whole.body);
    });

    for (const version of ['1.0', '1.1']) {
      it(`resets the connection when a segment in progress is lost, so that an HTTP/${version} client notices`, async () => {
        const { number } = newest();
        const socket = connect(origin.port, '127.0.0.1');
        const broken = once(socket, 'error');
        const isFollowed = followed();
        socket.write(`GET /media/hall-7/720p/${number}.m4s HTTP/${version}\r\nHost: x\r\n\r\n`);
        await isFollowed;
        if (version === '1.1') await once(socket, 'data');
        socket.resume();
        // Longer than the window: the channel begins anew where the clock is.
        origin.nowMs += 120_000;
        origin.channel.tick(origin.nowMs);
        const [error] = await broken;
        assert.equal(error.code, 'ECONNRESET');
      });
    }

    it('blocks a request for the segment that is about to begin', async () => {
      const { number } = newest();
      const asked = origin.ask(`/media/hall-7/720p/${number + 1}.m4s`);
      await held(1);
      origin.run(3400);
      assert.equal((await asked).status, 200);
    });

    it('answers HEAD for the whole, whatever its Range (RFC 9110 §14.2)', async () => {
      const path = `/media/hall-7/720p/${newest().number - 1}.m4s`;
      const head = await origin.ask(path, { method: 'HEAD', headers: { range: 'bytes=0-9' } });
      assert.equal(head.status, 200);
      assert.equal(head.headers['content-length'], (await origin.ask(path)).headers['content-length']);
    });

    it('is the concatenation of its parts', async () => {
      const number = newest().number - 1;
      const whole = await origin.ask(`/media/hall-7/360p/${number}.m4s`);
      const parts: Buffer[] = [];
      for (let part = 0; part < 8; part += 1)
        parts.push((await origin.ask(`/media/hall-7/360p/${number}.${part}.m4s`)).body);
      assert.deepEqual(whole.body, Buffer.concat(parts));
    });

    const ranges = [
      { range: 'bytes=0-9', status: 206, want: [0, 10] },
      { range: 'bytes=100-', status: 206, want: [100, undefined] },
      { range: 'bytes=-7', status: 206, want: [-7, undefined] },
      { range: 'bytes=99999999-', status: 416, want: [0, 0] },
      { range: 'Bytes=0-9', status: 206, want: [0, 10] },
      { range: 'bytes=-0', status: 416, want: [0, 0] },
      { range: 'bytes=5-2', status: 200, want: [0, undefined] },
      { range: 'lines=1-2', status: 200, want: [0, undefined] },
      { range: 'bytes=0-1,5-6', status: 200, want: [0, undefined] },
    ] as const;
    for (const { range, status, want } of ranges) {
      it(`Range ${range}: ${status} (RFC 9110 §14.2)`, async () => {
        const path = `/media/hall-7/720p/${newest().number - 1}.m4s`;
        const whole = await origin.ask(path);
        const answer = await origin.ask(path, { headers: { range } });
        assert.equal(answer.status, status);
        assert.deepEqual(answer.body, whole.body.subarray(want[0], want[1]));
      });
    }
  });
});
