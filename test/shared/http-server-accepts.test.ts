import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type HttpServer, startHttpServer } from '../../shared/http-server.ts';
import { silentLogger } from '../../shared/logger.ts';
import { waitFor } from '../support/wait-for.ts';

const HOST = '127.0.0.1';

describe('the HTTP server, where it takes several connections a turn', () => {
  let server: HttpServer;
  afterEach(() => server.close(0));

  const serve = async (options: Partial<Parameters<typeof startHttpServer>[0]> = {}): Promise<void> => {
    server = await startHttpServer({
      host: HOST,
      port: 0,
      logger: silentLogger,
      acceptsPerTurn: 8,
      ...options,
    });
  };

  it('answers everybody', async () => {
    await serve({ handle: (_req, res) => (res.end('here'), true) });
    const answers = await Promise.all(
      Array.from({ length: 100 }, async () => (await fetch(server.url)).text()),
    );
    assert.deepEqual([...new Set(answers)], ['here']);
  });

  it('closes each connection beyond the bound, and takes new ones when some have gone', async () => {
    await serve({ limits: { maxConnections: 5, headersTimeoutMs: 600_000 } });
    const open = Array.from({ length: 5 }, () => connect(server.port, HOST).on('error', () => {}));
    await waitFor('all are in', () => server.connectionCount() === 5);
    const beyond = Array.from({ length: 20 }, () => connect(server.port, HOST).on('error', () => {}));
    await Promise.all(beyond.map((socket) => once(socket.resume(), 'close')));
    assert.equal(server.connectionCount(), 5);
    for (const socket of open) socket.destroy();
    await waitFor('the places are free', () => server.connectionCount() === 0);
    assert.equal((await fetch(server.url)).status, 404);
  });

  it('stops when requests under way have ended, and takes no new connection meanwhile', async () => {
    const finish: (() => void)[] = [];
    await serve({
      handle: (_req, res) => {
        finish.push(() => void res.end('late but whole'));
        return true;
      },
    });
    const answers = Array.from({ length: 10 }, async () => (await fetch(server.url)).text());
    await waitFor('all are asked', () => finish.length === 10);
    // Past the limit of this test: only going idle can end it in time.
    const closed = server.close(60_000);
    await assert.rejects(fetch(server.url));
    for (const end of finish) end();
    assert.deepEqual([...new Set(await Promise.all(answers))], ['late but whole']);
    await closed;
  });
});
