import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { AppError } from '../../shared/errors.ts';
import {
  type HttpServer,
  ListenError,
  localAddress,
  startHttpServer,
  canReusePort,
} from '../../shared/http-server.ts';
import { silentLogger } from '../../shared/logger.ts';
import { waitFor } from '../support/wait-for.ts';

const HOST = '127.0.0.1';

/** Opens a raw connection and collects what comes; bytes that a client of ours would never send go through it. */
async function dial(server: HttpServer): Promise<{ socket: Socket; said: () => string }> {
  const socket = connect(server.port, HOST);
  let read = '';
  socket.setEncoding('utf8').on('data', (more: string) => {
    read += more;
  });
  // A reset is one way of being refused; "close" follows it.
  socket.on('error', () => {});
  await once(socket, 'connect');
  return { socket, said: () => read };
}

describe('the HTTP server', () => {
  let server: HttpServer;
  afterEach(() => server.close(0));

  const serve = async (options: Partial<Parameters<typeof startHttpServer>[0]> = {}): Promise<HttpServer> => {
    server = await startHttpServer({ host: HOST, port: 0, logger: silentLogger, ...options });
    return server;
  };

  it('asks the hot paths first, and Express for what they leave', async () => {
    await serve({
      handle: (req, res) => {
        if (!(req.url ?? '').startsWith('/live/')) return false;
        res.end('hot');
        return true;
      },
    });
    server.routes.get('/live/x', (_req, res) => void res.send('express'));
    server.routes.get('/page', (_req, res) => void res.send('express'));
    assert.equal(await (await fetch(`${server.url}/live/x`)).text(), 'hot');
    assert.equal(await (await fetch(`${server.url}/page`)).text(), 'express');
  });

  it('says nothing of what it is made of', async () => {
    await serve();
    const { headers } = await fetch(server.url);
    assert.equal(headers.get('x-powered-by'), null);
    assert.equal(headers.get('server'), null);
  });

  describe('answers an error as JSON', () => {
    const table: readonly {
      name: string;
      thrown: unknown;
      want: { status: number; code: string; message: string };
    }[] = [
      {
        name: 'one of ours',
        thrown: new AppError('channel "x": not known', { code: 'unknown-channel', status: 404 }),
        want: { status: 404, code: 'unknown-channel', message: 'channel "x": not known' },
      },
      {
        name: "one that is nobody's, without its text",
        thrown: new Error('password=hunter2'),
        want: { status: 500, code: 'internal', message: 'internal error of the server; see its log' },
      },
      {
        name: 'something thrown that is no error',
        thrown: 'a string',
        want: { status: 500, code: 'internal', message: 'internal error of the server; see its log' },
      },
    ];
    for (const { name, thrown, want } of table) {
      for (const where of ['hot path', 'route', 'async route']) {
        it(`${name}, thrown in a ${where}`, async () => {
          await serve({
            handle: () => {
              if (where === 'hot path') throw thrown;
              return false;
            },
          });
          server.routes.get('/', () => {
            if (where === 'route') throw thrown;
            return Promise.reject(thrown);
          });
          const answer = await fetch(server.url);
          assert.equal(answer.status, want.status);
          assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
          assert.deepEqual(await answer.json(), { error: { code: want.code, message: want.message } });
          const maxAge = /max-age=(\d+)/.exec(answer.headers.get('cache-control') ?? '')?.[1];
          assert.ok(Number(maxAge) <= 1, 'errors are kept for a second at most (design: playback)');
        });
      }
    }

    it('and is not stored where it is about a token', async () => {
      await serve();
      server.routes.get('/', () => {
        throw new AppError('no', { code: 'no-token', status: 401 });
      });
      const answer = await fetch(server.url);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
    });

    it('and names the methods that there are (RFC 9110 §15.5.6)', async () => {
      await serve();
      server.routes.get('/', () => {
        throw new AppError('no', { code: 'method-not-allowed', status: 405, allow: 'GET, HEAD' });
      });
      assert.equal((await fetch(server.url)).headers.get('allow'), 'GET, HEAD');
    });

    it('and logs the fault, without the token that stood in front of the path', async () => {
      const lines: string[] = [];
      const logger = {
        ...silentLogger,
        error: (...line: unknown[]) => void lines.push(JSON.stringify(line)),
      };
      await serve({ logger });
      server.routes.use(() => {
        throw new Error('a fault');
      });
      await fetch(`${server.url}/t/abc.def.ghi/live/x?y=z`);
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? '', /a fault/);
      assert.doesNotMatch(lines[0] ?? '', /abc\.def/);
    });

    it('404 for what nothing answers to, with the path cut short', async () => {
      await serve();
      const answer = await fetch(`${server.url}/${'x'.repeat(5000)}`);
      assert.equal(answer.status, 404);
      const body = await answer.text();
      assert.match(body, /"code":"not-found"/);
      assert.ok(body.length < 400);
    });

    it('400 for an escape in a path that means nothing', async () => {
      await serve();
      server.routes.get('/watch/:channel', (_req, res) => void res.send('ok'));
      const answer = await fetch(`${server.url}/watch/%E0%A4%A`);
      assert.equal(answer.status, 400);
      assert.match(await answer.text(), /"code":"bad-request"/);
    });

    it('without the headers of the success that it would have been', async () => {
      await serve({
        handle: (_req, res) => {
          res.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
          res.setHeader('Content-Encoding', 'gzip');
          throw new AppError('gone', { code: 'not-found', status: 410 });
        },
      });
      const answer = await fetch(server.url);
      assert.equal(answer.status, 410);
      assert.equal(answer.headers.get('cache-control'), 'public, max-age=1');
      assert.equal(answer.headers.get('content-encoding'), null);
    });

    it('and breaks the connection where half an answer has gone out', async () => {
      await serve({
        handle: (_req, res) => {
          res.writeHead(200, { 'Content-Length': 100 });
          res.write('half');
          throw new Error('broken');
        },
      });
      await assert.rejects(async () => (await fetch(server.url)).text());
    });
  });

  describe('against hostile clients', () => {
    it('closes a connection that never finishes its head with 408', async () => {
      await serve({ limits: { headersTimeoutMs: 100 } });
      const { socket, said } = await dial(server);
      socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
      await once(socket, 'close');
      assert.match(said(), /^HTTP\/1\.1 408 /);
    });

    it('closes a connection that says nothing at all', async () => {
      await serve({ limits: { headersTimeoutMs: 100 } });
      const { socket } = await dial(server);
      await once(socket, 'close');
    });

    it('closes a request whose body never ends, where Express would read it', async () => {
      await serve({ limits: { bodyTimeoutMs: 100 } });
      server.routes.post('/', (req) => void req.resume());
      const { socket } = await dial(server);
      socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc');
      await once(socket, 'close');
    });

    it('lets the body of a hot path last, when others of its age are closed', async () => {
      await serve({
        limits: { bodyTimeoutMs: 50, headersTimeoutMs: 50 },
        handle: (req, res) => {
          if (req.url !== '/ingest') return false;
          let read = '';
          req.on('data', (chunk: Buffer) => {
            read += chunk.toString();
          });
          req.on('end', () => res.end(read));
          return true;
        },
      });
      const upload = request(`${server.url}/ingest`, { method: 'POST' });
      upload.write('first ');
      const slowHead = await dial(server);
      slowHead.socket.write('GET / HTTP/1.1\r\n');
      const slowBody = await dial(server);
      slowBody.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n');
      await Promise.all([once(slowHead.socket, 'close'), once(slowBody.socket, 'close')]);
      const answered: Promise<IncomingMessage[]> = once(upload, 'response');
      upload.end('second');
      const [answer] = await answered;
      assert.ok(answer !== undefined);
      assert.equal(await text(answer), 'first second');
    });

    it('refuses a head of more than 16 kB with 431', async () => {
      await serve();
      const { socket, said } = await dial(server);
      socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`);
      await once(socket, 'close');
      assert.match(said(), /^HTTP\/1\.1 431 /);
    });

    for (const garbage of [
      '\0\0\0\0',
      'GET\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ]) {
      it(`refuses ${JSON.stringify(garbage)} with 400`, async () => {
        await serve();
        const { socket, said } = await dial(server);
        socket.write(garbage);
        await once(socket, 'close');
        assert.match(said(), /^HTTP\/1\.1 400 /);
      });
    }

    it('closes a connection that sends request upon request ahead of their answers', async () => {
      let handled = 0;
      await serve({
        limits: { maxPipelined: 4 },
        handle: () => {
          handled += 1;
          return true;
        },
      });
      const { socket } = await dial(server);
      socket.write('GET /held HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1000));
      await once(socket, 'close');
      assert.equal(handled, 5);
    });

    it('answers any number of requests on one connection, when some at a time come ahead', async () => {
      await serve({
        limits: { maxPipelined: 4 },
        handle: (_req, res) => {
          setImmediate(() => res.end('x'));
          return true;
        },
      });
      const { socket, said } = await dial(server);
      for (let round = 1; round <= 4; round += 1) {
        socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(5));
        await waitFor('the answers', () => said().split('HTTP/1.1 200').length - 1 === 5 * round);
      }
      socket.destroy();
    });

    it('closes the connection beyond the bound, and takes a new one when one has gone', async () => {
      await serve({ limits: { maxConnections: 2 } });
      const first = await dial(server);
      await dial(server);
      const third = await dial(server);
      await once(third.socket, 'close');
      assert.equal(third.said(), '');
      first.socket.destroy();
      await waitFor('a place is free', () => server.connectionCount() === 1);
      assert.equal((await fetch(server.url)).status, 404);
    });

    it('goes on answering while 1,000 half-open requests hang about, and is rid of them in the end', async () => {
      await serve({ limits: { headersTimeoutMs: 1500 } });
      const half = await Promise.all(Array.from({ length: 1000 }, () => dial(server)));
      for (const { socket } of half) socket.write('GET / HTTP/1.1\r\nHost: x\r\n');
      assert.equal((await fetch(server.url)).status, 404);
      await Promise.all(
        half.filter(({ socket }) => !socket.closed).map(({ socket }) => once(socket, 'close')),
      );
      assert.ok(half.every(({ said }) => said() === '' || said().startsWith('HTTP/1.1 408 ')));
      assert.equal((await fetch(server.url)).status, 404);
    });
  });

  describe('stops', () => {
    it('when requests under way have ended, and takes no new connection meanwhile', async () => {
      let finish: () => void = () => {};
      let asked: () => void = () => {};
      const waiting = new Promise<void>((resolve) => {
        asked = resolve;
      });
      await serve({
        handle: (_req, res) => {
          finish = () => void res.end('late but whole');
          asked();
          return true;
        },
      });
      const answer = fetch(server.url).then((response) => response.text());
      await waiting;
      // Past the limit of this test: only going idle can end it in time.
      const closed = server.close(60_000);
      await assert.rejects(fetch(server.url));
      finish();
      assert.equal(await answer, 'late but whole');
      await closed;
    });

    it('at the end of its patience all the same', async () => {
      await serve({ handle: () => true });
      const answer = fetch(server.url);
      await waitFor('the request is under way', () => server.connectionCount() === 1);
      await Promise.all([assert.rejects(answer), server.close(50)]);
    });
  });

  it('says which address is in use, and how to take another', async () => {
    await serve();
    await assert.rejects(
      startHttpServer({ host: HOST, port: server.port, logger: silentLogger }),
      (error) =>
        error instanceof ListenError &&
        error.code === 'address-in-use' &&
        error.message.includes(`${HOST}:${server.port}`) &&
        error.message.includes('LECTERN_HTTP_PORT'),
    );
  });

  it('shares a port where Node.js can, and otherwise says which version it needs', async () => {
    await serve({ reusePort: canReusePort(process.versions.node) });
    const second = startHttpServer({ host: HOST, port: server.port, reusePort: true, logger: silentLogger });
    if (canReusePort(process.versions.node)) {
      const other = await second;
      assert.equal(other.port, server.port);
      await other.close(50);
    } else await assert.rejects(second, /reusePort needs Node\.js 22\.12 or newer/);
  });

  for (const [version, can] of [
    ['20.20.2', false],
    ['22.11.0', false],
    ['22.12.0', true],
    ['23.0.0', false],
    ['23.1.0', true],
    ['24.21.0', true],
  ] as const) {
    it(`knows whether Node.js ${version} shares ports`, () => assert.equal(canReusePort(version), can));
  }

  it('says which address cannot be listened on', async () => {
    await serve();
    await assert.rejects(
      startHttpServer({ host: 'no.such.host.invalid', port: 0, logger: silentLogger }),
      (error) => error instanceof ListenError && error.code === 'cannot-listen',
    );
  });

  for (const [host, want] of [
    ['0.0.0.0', '127.0.0.1'],
    ['::', '127.0.0.1'],
    ['::1', '[::1]'],
    ['10.0.0.7', '10.0.0.7'],
  ] as const) {
    it(`reaches a listener on ${host} at ${want}`, () => assert.equal(localAddress(host), want));
  }
});
