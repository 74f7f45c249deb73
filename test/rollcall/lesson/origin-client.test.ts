import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { OriginClient } from '../../../rollcall/lesson/origin-client.ts';
import { writeAsk } from '../../../rollcall/protocol/listed-call.ts';
import { RollCallError } from '../../../rollcall/roll-call-error.ts';
import { verifyToken } from '../../../shared/token.ts';
import { freePort } from '../../support/free-port.ts';
import { makeCall, NOW_MS } from '../ledger/ledger.contract.ts';

const SECRET = 'a-secret-of-some-length';
const BROADCAST = { id: 'b1', startMs: 1000 };

type Asked = {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly token: string;
};

/** An origin that answers what a test wants. */
class StubOrigin {
  status = 200;
  body: unknown = { broadcast: BROADCAST };
  readonly asked: Asked[] = [];
  readonly #server: Server;
  url = '';

  constructor() {
    this.#server = createServer((req, res) => {
      let body = '';
      req.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      req.on('end', () => {
        const token = (req.headers.authorization ?? '').slice('Bearer '.length);
        this.asked.push({ method: req.method ?? '', path: req.url ?? '', body, token });
        res.writeHead(this.status).end(this.body === null ? '' : JSON.stringify(this.body));
      });
    });
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    this.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const isUnavailable = (error: unknown): boolean =>
  error instanceof RollCallError && error.code === 'origin-unavailable' && error.status === 503;

describe('the client of the origins', () => {
  let first: StubOrigin;
  let second: StubOrigin;
  let origins: string[];
  let dead: string;
  let client: OriginClient;
  beforeEach(async () => {
    [first, second] = [new StubOrigin(), new StubOrigin()];
    await Promise.all([first.start(), second.start()]);
    dead = `http://127.0.0.1:${await freePort()}`;
    origins = [first.url, second.url];
    client = new OriginClient({ origins: () => origins, secret: SECRET, nowMs: () => NOW_MS });
  });
  afterEach(() => {
    first.stop();
    second.stop();
  });
  const call = makeCall({ callId: 'c1', channel: 'hall-7', atProgramTimeMs: NOW_MS, windowMs: 20_000 });
  const attendance = {
    ...{ channel: 'hall-7', lesson: { broadcastId: 'b1', startMs: 0, endMs: 1 }, calls: [], students: [] },
  };

  it('tells all origins of a call, as a worker, and of its end when it is over', async () => {
    deepEqual(await client.putMark(call, false), {
      ...{ kind: 'accepted', broadcast: BROADCAST, isMissing: false },
    });
    await client.putMark(call, true);
    for (const { asked } of [first, second]) {
      deepEqual(
        asked.map(({ method, path, body }) => [method, path, JSON.parse(body)]),
        [null, NOW_MS + 20_000].map((endMs) => [
          ...['PUT', '/api/channels/hall-7/marks/c1'],
          {
            ...{ kind: call.kind, atMs: NOW_MS, endMs, label: call.prompt },
            ask: { text: writeAsk(call), windowEndMs: NOW_MS + 20_000 },
          },
        ]),
      );
      const { role, channel } = verifyToken(SECRET, asked[0]?.token ?? '', NOW_MS);
      deepEqual([role, channel], ['worker', '*']);
    }
  });

  for (const { name, statuses, bodies, isDead, want } of [
    { name: 'one of two is dead', statuses: [200], isDead: true, want: 'b1' },
    { name: 'one of two cannot keep it now', statuses: [503, 200], want: 'b1' },
    { name: 'one of two will not take it', statuses: [400, 200], want: 'b1' },
    { name: 'only the other knows the class', bodies: [null, BROADCAST], want: 'b1' },
    { name: 'no class is on air', bodies: [null, null], want: null },
    { name: 'none will accept it', statuses: [400, 400], want: 'rejected' },
    { name: 'one will not and the other is dead', statuses: [404], isDead: true, want: 'rejected' },
    { name: 'none can keep it now', statuses: [503, 500], want: 'unavailable' },
    { name: 'they do not know the token yet', statuses: [401, 403], want: 'unavailable' },
    { name: 'they are asked too often', statuses: [429, 408], want: 'unavailable' },
  ] as {
    name: string;
    statuses?: number[];
    bodies?: unknown[];
    isDead?: boolean;
    want: string | null;
  }[]) {
    it(`a mark is ${want === 'rejected' || want === 'unavailable' ? want : 'accepted'} where ${name}`, async () => {
      if (isDead === true) origins = [dead, first.url];
      for (const [i, origin] of [first, second].entries()) {
        origin.status = statuses?.[i] ?? 200;
        if (bodies !== undefined) origin.body = { broadcast: bodies[i] };
      }
      if (want === 'unavailable') {
        await rejects(client.putMark(call, true), isUnavailable);
        return;
      }
      const outcome = await client.putMark(call, true);
      if (outcome.kind === 'accepted')
        equal(outcome.isMissing, isDead === true || statuses?.includes(503) === true);
      equal(outcome.kind === 'accepted' ? (outcome.broadcast?.id ?? null) : outcome.kind, want);
      if (outcome.kind === 'rejected') match(outcome.reason, /origin http.* answered 40\d/);
    });
  }

  it('is of no use without origins', async () => {
    origins = [];
    await rejects(client.putMark(call, true), isUnavailable);
    await rejects(client.currentBroadcast('hall-7'), isUnavailable);
  });

  it('asks one origin after the other what is on air', async () => {
    origins = [dead, first.url, second.url];
    deepEqual(await client.currentBroadcast('hall-7'), BROADCAST);
    first.body = { broadcast: null };
    equal(await client.currentBroadcast('hall-7'), null);
    deepEqual([first.asked.length, second.asked.length], [2, 0]);
    origins = [dead];
    await rejects(client.currentBroadcast('hall-7'), isUnavailable);
  });

  it('asks when a broadcast ended', async () => {
    first.body = { id: 'b1', endMs: 5000 };
    deepEqual(await client.broadcastEnd('hall-7', 'b1'), { endMs: 5000 });
    equal(first.asked[0]?.path, '/api/channels/hall-7/broadcasts/b1');
    first.body = { id: 'b1', endMs: null };
    deepEqual(await client.broadcastEnd('hall-7', 'b1'), { endMs: null });
    [first.status, second.status] = [404, 404];
    equal(await client.broadcastEnd('hall-7', 'b1'), null);
    second.status = 503;
    await rejects(client.broadcastEnd('hall-7', 'b1'), isUnavailable);
  });

  it('gives an attendance to the first origin that takes it', async () => {
    [first.status, second.status, second.body] = [503, 204, null];
    deepEqual(await client.putAttendance('b1', attendance), { kind: 'accepted' });
    const { method, path, body } = second.asked[0] ?? {};
    deepEqual([method, path], ['PUT', '/api/channels/hall-7/broadcasts/b1/attendance']);
    deepEqual(JSON.parse(body ?? ''), attendance);
  });

  it('says that an attendance is rejected where no origin will ever accept it', async () => {
    [first.status, second.status] = [404, 404];
    equal((await client.putAttendance('b1', attendance)).kind, 'rejected');
    second.status = 503;
    await rejects(client.putAttendance('b1', attendance), isUnavailable);
  });
});
