import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import type { Edge } from '../../../cli/edge/start-edge.ts';
import { start, type Started } from '../../support/process.ts';
import { startTestPipeline, type TestPipeline } from '../../support/pipeline.ts';
import { waitFor } from '../../support/wait-for.ts';
import { askEdge, edgeBefore } from './ask-edge.ts';
import { type CountedOrigin, sendPublic, startCountedOrigin } from './counted-origin.ts';

describe('what goes through the edge to the origin', () => {
  let origin: CountedOrigin;
  let edge: Edge;
  const bodies: string[] = [];
  before(async () => {
    origin = await startCountedOrigin((req, res) => {
      if (req.url?.includes('/events') === true) {
        res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
        res.write('data: 1\n\n');
        return;
      }
      let body = '';
      req.setEncoding('utf8').on('data', (text: string) => {
        body += text;
        bodies.push(text);
      });
      req.on('end', () => sendPublic(res, body));
    });
    edge = await edgeBefore([origin]);
  });
  after(async () => {
    await edge.stop();
    await origin.kill();
  });

  it('is a WebSocket, both ways', async () => {
    const socket = connect(Number(edge.url.split(':').at(-1)), '127.0.0.1');
    let got = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      got += text;
    });
    socket.write(
      'GET /rollcall/hall-7 HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await waitFor('the handshake', () => got.includes('101 Switching'));
    assert.match(origin.lastHeaders().connection ?? '', /upgrade/i);
    socket.write('one');
    await waitFor('the first frame', () => got.endsWith('echo one'));
    socket.write('two');
    await waitFor('the second frame', () => got.endsWith('echo two'));
    socket.destroy();
  });

  it('is an event stream, as it comes', async () => {
    const req = request(`${edge.url}/api/rollcall/hall-7/events`, { agent: false });
    req.end();
    const [res] = await once(req, 'response');
    const [data] = await once(res, 'data');
    assert.equal(String(data), 'data: 1\n\n');
    req.destroy();
  });

  it('is the body of an uplink, as it comes', async () => {
    const req = request(`${edge.url}/ingest/hall-7/live.b1/720p`, { method: 'POST', agent: false });
    req.write('one');
    await waitFor('the first chunk', () => bodies.includes('one'));
    req.end('two');
    const [res] = await once(req, 'response');
    assert.equal(res.statusCode, 200);
    res.resume();
  });
});

describe('a class of Lectern behind the edge', () => {
  let lectern: TestPipeline;
  let publisher: Started;
  let counted: CountedOrigin;
  let edge: Edge;
  before(async function () {
    this.timeout(60_000);
    lectern = await startTestPipeline();
    publisher = start(process.env['FFMPEG_PATH'] || 'ffmpeg', [
      ...['-hide_banner', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25'],
      ...[
        '-f',
        'lavfi',
        '-i',
        'sine=sample_rate=48000',
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-g',
        '50',
      ],
      ...['-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-f', 'flv'],
      lectern.publishUrl('hall-7'),
    ]);
    await lectern.waitForState('hall-7', 'on-air');
    // In between, what the origin is asked for is counted; its answers go through as they come.
    counted = await startCountedOrigin(
      (req, res) => {
        const on = request(`${lectern.url}${req.url}`, {
          ...{ method: req.method, headers: req.headers, agent: false },
        });
        req.pipe(on);
        on.once('response', (answer) => {
          res.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(res);
          answer.once('error', () => res.destroy());
        });
        on.once('error', () => res.destroy());
      },
      {
        upgrade: (req, socket, head) => {
          const on = connect(lectern.port, '127.0.0.1');
          const headers = req.rawHeaders.map((text, at) => text + (at % 2 === 0 ? ': ' : '\r\n')).join('');
          on.write(`${req.method} ${req.url} HTTP/1.1\r\n${headers}\r\n`);
          on.write(head);
          socket.pipe(on).pipe(socket);
          on.once('error', () => socket.destroy());
          socket.once('close', () => on.destroy());
        },
      },
    );
    edge = await edgeBefore([counted]);
  });
  after(async () => {
    await edge?.stop();
    await publisher?.stop();
    await counted?.kill();
    await lectern?.stop();
  });

  it('costs the origin one request an object, however many watch', async () => {
    const { body } = await askEdge(edge, '/live/hall-7/index.m3u8');
    const video = /^(?!#)(\S+\.m3u8)$/m.exec(body)?.[1];
    assert.ok(video !== undefined, body);
    const playlist = `/live/hall-7/${video}`;
    const seen = new Set<string>();
    /** Plays three parts as LL-HLS players do: playlists that are held, and what their hints name. */
    const watch = async (): Promise<void> => {
      let text = (await askEdge(edge, playlist)).body;
      for (let turn = 0; turn < 3; turn++) {
        const hint = /#EXT-X-PRELOAD-HINT:TYPE=PART,URI="([^"]+)"/.exec(text)?.[1];
        const [, number, part] = /(\d+)\.(\d+)\.m4s$/.exec(hint ?? '') ?? [];
        assert.ok(hint !== undefined && number !== undefined, text);
        const media = new URL(hint, `${edge.url}${playlist}`).pathname;
        const next = `${playlist}?_HLS_msn=${number}&_HLS_part=${part}`;
        seen.add(media).add(next);
        const [reloaded, bytes] = await Promise.all([askEdge(edge, next), askEdge(edge, media)]);
        assert.deepEqual([reloaded.status, bytes.status], [200, 200], `${next} ${media}`);
        assert.ok(bytes.isWhole);
        text = reloaded.body;
      }
    };
    await Promise.all(Array.from({ length: 20 }, watch));
    for (const path of seen) {
      const asked = counted.asked.filter((line) => line === `GET ${path}`).length;
      assert.equal(asked, 1, path);
    }
  });

  it('has its roll call', async () => {
    const socket = new WebSocket(`${edge.url.replace('http', 'ws')}/rollcall/hall-7`);
    await once(socket, 'open');
    const token = (await lectern.authorization('teacher')).slice('Bearer '.length);
    socket.send(JSON.stringify({ type: 'hello', token }));
    const [frame] = await once(socket, 'message');
    assert.match(String(frame), /"type":"welcome"/);
    socket.close();
  });

  it('has its pages and its API', async () => {
    const { status, headers } = await askEdge(edge, '/api/channels');
    assert.equal(status, 200);
    assert.doesNotMatch(headers['cache-status'] as string, /hit/);
    for (const path of ['/watch/hall-7', '/']) {
      await askEdge(edge, path);
      const page = await askEdge(edge, path, { headers: { 'accept-encoding': 'gzip' } });
      assert.deepEqual([page.status, page.headers['cache-status']], [200, 'lectern-edge; hit']);
      assert.equal(page.headers['content-encoding'], 'gzip');
    }
  });
});
