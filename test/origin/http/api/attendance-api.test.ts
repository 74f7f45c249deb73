import { deepEqual, equal } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { gzipSync } from 'node:zlib';
import express, { type NextFunction, type Request, type Response as Reply } from 'express';
import { BroadcastLibrary } from '../../../../origin/broadcasts/broadcast-library.ts';
import { createAttendanceApi } from '../../../../origin/http/api/attendance-api.ts';
import { sendError } from '../../../../shared/http-errors.ts';
import { silentLogger } from '../../../../shared/logger.ts';
import { mintToken, type TokenRole } from '../../../../shared/token.ts';
import { broadcast } from '../../support/broadcast-record.ts';
import { MemoryStore } from '../../support/memory-store.ts';

const NOW_MS = 1_800_000_000_000;
const SECRET = 'a-secret-of-some-length';
const PATH = '/api/channels/hall-7/broadcasts/b1/attendance';

describe('the attendance of a broadcast over HTTP', () => {
  let store: MemoryStore;
  let server: Server;
  let port: number;
  beforeEach(async () => {
    store = new MemoryStore();
    const library = new BroadcastLibrary(store, silentLogger);
    await library.refresh();
    library.put(broadcast('b1', NOW_MS - 3_600_000));
    await library.settled();
    const app = express();
    app.use(createAttendanceApi({ store, library, secret: SECRET, clock: { nowMs: () => NOW_MS } }));
    app.use((error: unknown, _req: Request, res: Reply, _next: NextFunction) => void sendError(res, error));
    server = createServer(app);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const headersOf = async (role: TokenRole | null): Promise<Record<string, string>> => {
    const claims = { sub: 'x', name: 'x', channel: 'hall-7', exp: NOW_MS / 1000 + 60 } as const;
    const token = role === null ? null : await mintToken(SECRET, { ...claims, role });
    return {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    };
  };
  const put = async (body: Buffer<ArrayBuffer>, more: Record<string, string> = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${PATH}`, {
      ...{ method: 'PUT', body, headers: { ...(await headersOf('worker')), ...more } },
    });

  for (const { name, role, path, want } of [
    { name: 'without a token', role: null, path: PATH, want: 401 },
    { name: 'with the token of a student', role: 'student', path: PATH, want: 403 },
    { name: 'of another channel', role: 'worker', path: PATH.replace('hall-7', 'hall-8'), want: 403 },
    { name: 'of an unknown broadcast', role: 'worker', path: PATH.replace('b1', 'b2'), want: 404 },
  ] as const) {
    it(`is refused ${name} before a byte of it has come: ${want}`, async () => {
      const headers = { ...(await headersOf(role)), 'content-length': 32 * 2 ** 20 };
      const asked = request({ ...{ port, path, headers }, host: '127.0.0.1', method: 'PUT' });
      asked.on('error', () => {});
      // The head alone: an answer comes only from who does not wait for the body.
      asked.flushHeaders();
      const [answer] = (await once(asked, 'response')) as [{ statusCode: number }];
      equal(answer.statusCode, want);
      asked.destroy();
    });
  }

  it('is refused when it is compressed (415) or too large (413)', async () => {
    const body = gzipSync(Buffer.alloc(2 ** 20, 32));
    equal((await put(body, { 'content-encoding': 'gzip' })).status, 415);
    equal((await put(Buffer.alloc(64 * 2 ** 20 + 1, 32))).status, 413);
  });

  it('may have 100,000 names', async () => {
    const names = Array.from({ length: 100_000 }, (_, i) => ({ id: String(i), name: '李雷'.repeat(60) }));
    const body = Buffer.from(JSON.stringify({ students: names }));
    equal(body.length > 32 * 2 ** 20, true);
    equal((await put(body)).status, 204);
    const kept = await fetch(`http://127.0.0.1:${port}${PATH}`, { headers: await headersOf('teacher') });
    equal((await kept.arrayBuffer()).byteLength, body.length);
  });

  it('has to be a JSON object', async () => {
    const statuses: number[] = [];
    for (const text of ['{"students":[]}', '[]', '{', `[${'1,'.repeat(2 ** 20)}1]`]) {
      statuses.push((await put(Buffer.from(text))).status);
    }
    deepEqual(statuses, [204, 400, 400, 400]);
  });
});
