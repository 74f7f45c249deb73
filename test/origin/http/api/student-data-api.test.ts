import assert from 'node:assert/strict';
import { attendanceKey } from '../../../../origin/archive/archive-keys.ts';
import { StudentAttendances } from '../../../../origin/attendance/student-attendances.ts';
import { createStudentDataApi } from '../../../../origin/http/api/student-data-api.ts';
import { type HttpServer, startHttpServer } from '../../../../shared/http-server.ts';
import { silentLogger } from '../../../../shared/logger.ts';
import { mintToken } from '../../../../shared/token.ts';
import { MemoryStore } from '../../support/memory-store.ts';

const SECRET = 'a secret for these tests';
const KEY = attendanceKey('hall-7', 'b1');

describe("one student's attendances over HTTP", () => {
  let server: HttpServer;
  let store: MemoryStore;
  beforeEach(async () => {
    store = new MemoryStore();
    const students = ['S-01', 's-01'].map((id) => ({ id, name: 'Li' }));
    await store.put(KEY, Buffer.from(JSON.stringify({ students })));
    server = await startHttpServer({ host: '127.0.0.1', port: 0, logger: silentLogger });
    server.routes.use(
      createStudentDataApi({
        students: new StudentAttendances(store),
        ...{ secret: SECRET, clock: { nowMs: () => 0 }, requireChannel: () => {} },
      }),
    );
  });
  afterEach(() => server.close(0));

  const ask = async (method: string, path: string): Promise<unknown> => {
    const claims = { sub: 'o', name: 'O', channel: 'hall-7', role: 'operator', exp: 3600 } as const;
    const headers = { authorization: `Bearer ${await mintToken(SECRET, claims)}` };
    return (await fetch(`${server.url}${path}`, { method, headers })).json();
  };

  for (const path of ['/api/channels/hall-7/students/S-01', '/API/Channels/Hall-7//students/%53-01']) {
    it(`${path} is her whose number has a capital, and nobody else`, async () => {
      const want = { attendances: [{ broadcastId: 'b1', rows: [{ id: 'S-01', name: 'Li' }] }] };
      assert.deepEqual(await ask('GET', path), want);
      assert.deepEqual(await ask('DELETE', path), want);
      assert.deepEqual(await ask('GET', path), { attendances: [] });
      assert.match(String(store.objects.get(KEY)), /"s-01"/);
    });
  }
});
