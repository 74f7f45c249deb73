import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Edge } from '../../../cli/edge/start-edge.ts';
import { waitFor } from '../../support/wait-for.ts';
import { askEdge, askRaw, edgeBefore } from './ask-edge.ts';
import { type CountedOrigin, sendProblem, sendPublic, startCountedOrigin } from './counted-origin.ts';

/** Clients of one object in these tests. */
const CLIENTS = 60;

describe('requests that the edge joins', () => {
  let origin: CountedOrigin;
  let edge: Edge;
  let held: ServerResponse[] = [];
  before(async () => {
    origin = await startCountedOrigin((req, res) => {
      const path = req.url ?? '';
      if (path.includes('no-store')) sendProblem(res, 503, 'no-store', { 'retry-after': '3' });
      else if (path.includes('private')) {
        res.writeHead(200, { 'Cache-Control': 'private, max-age=60' });
        res.end('for one');
      } else if (path.includes('cookie')) {
        res.writeHead(200, { 'Cache-Control': 'public, max-age=60', 'Set-Cookie': 'a=b' });
        res.end('for one');
      } else held.push(res);
    });
    edge = await edgeBefore([origin]);
  });
  beforeEach(() => {
    held = [];
  });
  after(async () => {
    await edge.stop();
    await origin.kill();
  });

  const nextHeld = async (): Promise<ServerResponse> => {
    await waitFor('a request at the origin', () => held.length > 0);
    const [res] = held.splice(0);
    assert.ok(res);
    return res;
  };
  /** Opens a request, and gives its response with what has come so far. */
  const open = async (path: string): Promise<{ res: IncomingMessage; got: () => string }> => {
    const req = request(`${edge.url}${path}`, { agent: false });
    req.end();
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    let got = '';
    res.setEncoding('utf8').on('data', (text: string) => {
      got += text;
    });
    res.on('error', () => {});
    return { res, got: () => got };
  };

  it('wait together for a playlist that the origin holds back', async () => {
    const path = '/live/hall-7/720p.m3u8?_HLS_msn=9&_HLS_part=1';
    const asked = Array.from({ length: CLIENTS }, () => askEdge(edge, path));
    const res = await nextHeld();
    sendPublic(res, '#EXTM3U', 12, 'application/vnd.apple.mpegurl');
    for (const answer of await Promise.all(asked))
      assert.deepEqual([answer.status, answer.body], [200, '#EXTM3U']);
    assert.equal(origin.countOf(path), 1);
  });

  it('follow one fetch of a segment while it is made, chunk by chunk', async () => {
    const path = '/media/hall-7/720p/9.live.m4s';
    const first = open(path);
    const res = await nextHeld();
    res.writeHead(200, {
      'Cache-Control': 'public, max-age=31536000, immutable',
      'Content-Type': 'video/mp4',
    });
    res.write('one ');
    const early = await first;
    await waitFor('the first chunk', () => early.got() === 'one ');
    // Who comes in the middle gets what there is at once.
    const later = await open(path);
    await waitFor('the first chunk for the second', () => later.got() === 'one ');
    res.write('two ');
    for (const { got } of [early, later]) await waitFor('the second chunk', () => got() === 'one two ');
    res.end('three');
    for (const { got, res: answer } of [early, later]) {
      await once(answer, 'end');
      assert.equal(got(), 'one two three');
      assert.ok(answer.complete);
      assert.equal(answer.headers['content-length'], undefined);
    }
    assert.equal((await askEdge(edge, path)).headers['content-length'], '13');
    assert.equal(origin.countOf(path), 1);
  });

  it('break where the body breaks, and half of it is not stored', async () => {
    const path = '/media/hall-7/720p/10.live.m4s';
    const asked = [open(path)];
    const res = await nextHeld();
    res.writeHead(200, { 'Cache-Control': 'public, max-age=31536000, immutable' });
    res.write('half');
    const early = await (asked[0] ?? open(path));
    await waitFor('the half', () => early.got() === 'half');
    const later = await open(path);
    await waitFor('the half for the second', () => later.got() === 'half');
    res.destroy();
    for (const { res: answer } of [early, later]) {
      await waitFor('the break', () => answer.closed);
      assert.equal(answer.complete, false);
    }
    const again = askEdge(edge, path);
    sendPublic(await nextHeld(), 'whole');
    assert.equal((await again).body, 'whole');
  });

  it('get a body that is whole, with its length, or an error, on HTTP/1.0', async () => {
    const path = '/media/hall-7/720p/11.live.m4s';
    const asked = askRaw(edge, `GET ${path} HTTP/1.0\r\n\r\n`);
    const broken = await nextHeld();
    broken.writeHead(200, { 'Cache-Control': 'public, max-age=31536000, immutable' });
    broken.write('half');
    broken.destroy();
    // The edge asks once more by itself.
    const res = await nextHeld();
    res.writeHead(200, { 'Cache-Control': 'public, max-age=31536000, immutable' });
    res.write('one ');
    res.end('two');
    const answer = await asked;
    assert.match(answer, /^HTTP\/1\.[01] 200 /);
    assert.match(answer, /\r\nContent-Length: 7\r\n/);
    assert.match(answer, /\r\n\r\none two$/);
  });

  it('get the text unpacked and with its length on HTTP/1.0', async () => {
    const path = '/live/hall-7/http10.m3u8';
    const asked = askRaw(edge, `GET ${path} HTTP/1.0\r\n\r\n`);
    sendPublic(await nextHeld(), '#EXTM3U', 1);
    assert.match(await asked, /\r\nContent-Length: 7\r\n(.*\r\n)*\r\n#EXTM3U$/);
    assert.equal(origin.lastHeaders()['accept-encoding'], undefined);
  });

  const errors = [
    { path: '/live/hall-7/9p.m3u8', status: 404, keepsMs: 1000 },
    { path: '/live/hall-7/720p.m3u8?_HLS_msn=99', status: 400, keepsMs: 1000 },
    { path: '/live/hall-7/480p.m3u8?_HLS_msn=99', status: 503, keepsMs: 1000 },
    { path: '/media/hall-7/720p/9.7.m4s', status: 404, keepsMs: 100 },
  ];
  for (const { path, status, keepsMs } of errors) {
    it(`share an error ${status} of ${path}, for ${keepsMs} ms at most`, async () => {
      const asked = Array.from({ length: CLIENTS }, () => askEdge(edge, path));
      sendProblem(await nextHeld(), status, 'public, max-age=31536000');
      for (const answer of await Promise.all(asked)) assert.equal(answer.status, status);
      assert.equal(origin.countOf(path), 1);
      // Until it is forgotten, the error comes back at once; then the origin is asked again.
      const fresh = await waitFor('the origin is asked again', async () => {
        const again = askEdge(edge, path);
        const first = await Promise.race([again, waitFor('a request', () => held.length > 0)]);
        if (first !== true) return null;
        sendPublic(await nextHeld(), 'there');
        return again;
      });
      assert.equal(fresh.status, 200);
    });
  }

  for (const name of ['private', 'cookie', 'no-store']) {
    it(`go to the origin one beside the other where an answer is for one client: ${name}`, async () => {
      const path = `/live/hall-7/${name}.m3u8`;
      await Promise.all(Array.from({ length: 5 }, () => askEdge(edge, path)));
      const before = origin.countOf(path);
      await Promise.all(Array.from({ length: 5 }, () => askEdge(edge, path)));
      assert.equal(origin.countOf(path) - before, 5);
    });
  }
});
