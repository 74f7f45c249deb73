import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { AppError } from '../../shared/errors.ts';
import { type HttpServer, startHttpServer } from '../../shared/http-server.ts';
import { silentLogger } from '../../shared/logger.ts';
import { waitFor } from '../support/wait-for.ts';

const HOST = '127.0.0.1';
const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('requests as browsers, players and people send them', () => {
  let server: HttpServer;
  afterEach(() => server.close(0));

  const serve = async (options: Partial<Parameters<typeof startHttpServer>[0]> = {}): Promise<void> => {
    server = await startHttpServer({ host: HOST, port: 0, logger: silentLogger, ...options });
  };
  const dial = async (head: string): Promise<{ socket: Socket; said: () => string }> => {
    const socket = connect({ port: server.port, host: HOST, allowHalfOpen: true });
    let read = '';
    socket.setEncoding('latin1').on('data', (more: string) => (read += more));
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(head);
    return { socket, said: () => read };
  };

  describe('an address that is not written right', () => {
    for (const { basePath, path, want } of [
      { basePath: '', path: '/Watch/Hall-7', want: '/watch/hall-7' },
      {
        basePath: '',
        path: '/live//Hall-7/index.m3u8?_HLS_msn=5',
        want: '/live/hall-7/index.m3u8?_HLS_msn=5',
      },
      { basePath: '/lectern', path: '/lectern/Watch/Hall-7/', want: '/lectern/watch/hall-7' },
      { basePath: '/lectern', path: '/Watch/Hall-7/', want: '/lectern/watch/hall-7' },
    ]) {
      it(`${basePath}: ${path} leads to ${want}`, async () => {
        await serve({ basePath });
        for (const method of ['GET', 'HEAD']) {
          const answer = await fetch(`${server.url}${path}`, { method, redirect: 'manual' });
          assert.equal(answer.status, 308);
          assert.equal(answer.headers.get('location'), want);
          assert.equal(answer.headers.get('cache-control'), 'no-store');
        }
      });
    }

    it('is answered at once where something is sent to it', async () => {
      await serve();
      server.routes.post('/api/rollcall/hall-7/guests', (_req, res) => void res.send('yes'));
      const answer = await fetch(`${server.url}/api//rollcall/Hall-7/guests/`, { method: 'POST' });
      assert.equal(await answer.text(), 'yes');
    });

    it('opens a WebSocket', async () => {
      const asked: string[] = [];
      await serve({
        basePath: '/lectern',
        upgrade: (req, socket) => {
          asked.push(req.url ?? '');
          socket.destroy();
          return true;
        },
      });
      for (const path of ['/rollcall/Hall-7', '/lectern/rollcall/hall-7']) {
        const { socket } = await dial(
          `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
        );
        await once(socket, 'end');
        socket.destroy();
      }
      assert.deepEqual(asked, ['/rollcall/hall-7', '/rollcall/hall-7']);
    });
  });

  it('under a base path, hot paths and routes are where they are without it', async () => {
    await serve({
      basePath: '/lectern',
      handle: (req, res) => {
        if (!(req.url ?? '').startsWith('/live/')) return false;
        res.end(req.url);
        return true;
      },
    });
    server.routes.get('/', (_req, res) => void res.send('lobby'));
    for (const [path, want] of [
      ['/lectern/live/x?a=1', '/live/x?a=1'],
      ['/live/x', '/live/x'],
      ['/lectern', 'lobby'],
      ['/lectern/', 'lobby'],
    ] as const) {
      assert.equal(await (await fetch(`${server.url}${path}`)).text(), want, path);
    }
    assert.equal((await fetch(`${server.url}/lecternx`)).status, 404);
  });

  describe('an error', () => {
    const fail = async (error: Error, headers: Record<string, string> = {}, method = 'GET') => {
      await serve();
      server.routes.all('/x', () => {
        throw error;
      });
      const answer = await fetch(`${server.url}/x`, { headers, method });
      return { answer, text: await answer.text() };
    };

    it('is a page for a browser, in both languages, with no script in it and the way on', async () => {
      const busy = new AppError('32 downloads <script>run</script>', {
        ...{ code: 'too-many-downloads', status: 503, retryAfterS: 30 },
      });
      const { answer, text } = await fail(busy, BROWSER);
      assert.equal(answer.status, 503);
      assert.match(answer.headers.get('content-type') ?? '', /^text\/html/);
      assert.equal(answer.headers.get('retry-after'), '30');
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'/);
      assert.match(text, /http-equiv="refresh" content="30"/);
      assert.match(text, /tries again in 30 s/);
      assert.match(text, /30 秒后自动重试/);
      assert.match(text, /too-many-downloads/);
      assert.doesNotMatch(text, /<script>/);
    });

    it('is JSON for everybody else, and for what a browser sends rather than opens', async () => {
      const { answer } = await fail(new AppError('no', { code: 'not-found', status: 404 }));
      assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
      await server.close(0);
      const sent = await fail(new AppError('no', { code: 'bad-input', status: 400 }), BROWSER, 'POST');
      assert.match(sent.answer.headers.get('content-type') ?? '', /^application\/json/);
    });

    it('is logged once a second, however often it comes, and never with a token', async () => {
      const lines: string[] = [];
      const note = (...line: unknown[]): void => void lines.push(JSON.stringify(line));
      await serve({ logger: { ...silentLogger, info: note, warn: note, error: note } });
      server.routes.use('/t', () => {
        throw new AppError('busy', { code: 'library-busy', status: 503 });
      });
      for (let i = 0; i < 50; i++) await fetch(`${server.url}/t/AbC.dEf.gHi/x?token=jKl.mNo.pQr`);
      await fetch(`${server.url}/nowhere?token=jKl.mNo.pQr`);
      await fetch(`${server.url}/y/t/AbC.dEf.gHi/x`);
      assert.ok(lines.length >= 2 && lines.length <= 4, `${lines.length} lines`);
      for (const line of lines) assert.doesNotMatch(line, /abc|mno/i);
    });
  });

  it('says of each answer that it is what it says it is', async () => {
    await serve();
    server.routes.get('/api/x', (_req, res) => void res.json({}));
    for (const [path, headers] of [
      ['/api/x', {}],
      ['/nowhere', {}],
      ['/nowhere', BROWSER],
      ['/X', {}],
    ] as const) {
      const answer = await fetch(`${server.url}${path}`, { headers, redirect: 'manual' });
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff', path);
    }
  });

  describe('a preflight', () => {
    for (const wanted of ['cmcd-request,cmcd-session', 'authorization,range', 'content-type', 'x-anything']) {
      it(`of ${wanted} to read is let through, with no cookie`, async () => {
        await serve();
        const answer = await fetch(`${server.url}/api/channels`, {
          method: 'OPTIONS',
          headers: {
            origin: 'http://portal.example',
            'access-control-request-method': 'GET',
            'access-control-request-headers': wanted,
          },
        });
        assert.equal(answer.status, 204);
        assert.equal(answer.headers.get('access-control-allow-origin'), '*');
        assert.equal(answer.headers.get('access-control-allow-credentials'), null);
        const allowed = (answer.headers.get('access-control-allow-headers') ?? '').toLowerCase().split(', ');
        for (const name of wanted.split(','))
          assert.ok(allowed.includes(name) || allowed.includes('*'), name);
        for (const name of ['cmcd-object', 'cmcd-request', 'cmcd-session', 'cmcd-status', 'authorization']) {
          assert.ok(allowed.includes(name), name);
        }
      });
    }

    it('to change something is not', async () => {
      await serve();
      const answer = await fetch(`${server.url}/api/channels`, {
        method: 'OPTIONS',
        headers: { origin: 'http://evil.example', 'access-control-request-method': 'DELETE' },
      });
      assert.equal(answer.ok, false);
      assert.equal(answer.headers.get('access-control-allow-methods'), null);
    });
  });

  describe('a client that keeps its connection for nothing', () => {
    const big = Buffer.alloc(32 << 20);
    for (const { name, lines } of [
      { name: 'reads nothing', lines: '' },
      { name: 'reads nothing, and asked for h2c', lines: 'Connection: Upgrade\r\nUpgrade: h2c\r\n' },
      {
        name: 'reads nothing, and asked for a WebSocket',
        lines: 'Connection: Upgrade\r\nUpgrade: websocket\r\n',
      },
    ]) {
      it(`is let go: ${name}`, async () => {
        await serve({
          limits: { silenceMs: 200 },
          handle: (_req, res) => {
            res.end(big);
            return true;
          },
        });
        const { socket } = await dial(`GET / HTTP/1.1\r\nHost: x\r\n${lines}\r\n`);
        socket.pause();
        await waitFor('it is taken', () => server.connectionCount() === 1);
        await waitFor('it is let go', () => server.connectionCount() === 0);
        socket.destroy();
      });
    }

    for (const { name, length, more } of [
      { name: 'a length', length: 'Content-Length: 100000', more: 'x' },
      { name: 'chunks', length: 'Transfer-Encoding: chunked', more: '1\r\nx\r\n' },
    ]) {
      it(`is let go: is answered, and its body with ${name} never ends, also on a hot path`, async () => {
        await serve({
          limits: { bodyTimeoutMs: 100 },
          handle: (_req, res) => {
            res.end('hot');
            return true;
          },
        });
        const { socket, said } = await dial(`GET /media/x HTTP/1.1\r\nHost: x\r\n${length}\r\n\r\n`);
        const trickle = setInterval(() => socket.write(more), 20);
        await waitFor('it is answered', () => said().startsWith('HTTP/1.1 200'));
        await waitFor('it is let go', () => server.connectionCount() === 0);
        clearInterval(trickle);
      });
    }

    for (const method of ['GET', 'POST']) {
      it(`is let go: asks for an upgrade by ${method}, and never closes its side`, async () => {
        await serve({ limits: { silenceMs: 200 } });
        const { socket, said } = await dial(
          `${method} / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`,
        );
        await waitFor('it is answered', () => said().startsWith('HTTP/1.1 4'));
        await waitFor('it is let go', () => server.connectionCount() === 0);
        socket.destroy();
      });
    }
  });
});
