import { deepEqual, equal, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { AddressDoors } from '../../../rollcall/gateway/address-doors.ts';
import { Admission } from '../../../rollcall/gateway/admission.ts';
import type { AnswerIntake } from '../../../rollcall/gateway/answer-intake.ts';
import { ConnectionGate } from '../../../rollcall/gateway/connection-gate.ts';
import { Places } from '../../../rollcall/gateway/places.ts';
import { Rooms } from '../../../rollcall/gateway/rooms.ts';
import { CallCommands } from '../../../rollcall/gateway/call-commands.ts';
import type { RollCallMetrics } from '../../../rollcall/gateway/roll-call-metrics.ts';
import { WebSocketGateway } from '../../../rollcall/gateway/web-socket-gateway.ts';
import { FileLedger } from '../../../rollcall/ledger/file/file-ledger.ts';
import { CLOSE_CODES } from '../../../rollcall/protocol/frames.ts';
import { LIMITS } from '../../../rollcall/protocol/limits.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';
import { NOW_MS } from '../ledger/ledger.contract.ts';

const MOST = 5;
const EXP_MS = NOW_MS + 3_600_000;
const ANSWER = JSON.stringify({
  ...{ type: 'answer', callId: 'c1', answerId: 'answer-1' },
  ...{ tapProgramTimeMs: NOW_MS, latencyMs: 0 },
});
type Done = Parameters<AnswerIntake['take']>[4];

describe('what a gateway does to connections that are no good', () => {
  const dropped: string[] = [];
  const warned: string[] = [];
  const logger = { ...silentLogger, warn: (_: object, line: string) => void warned.push(line) };
  /** By student: what sends her something. */
  const replies = new Map<string, Done>();
  let steadyMs = 0;
  let clockMs = NOW_MS;
  let refusedCount = 0;
  let dir: TempDir;
  let ledger: FileLedger;
  let rooms: Rooms;
  let gateway: WebSocketGateway;
  let server: Server;
  let port = 0;

  beforeEach(async () => {
    dropped.splice(0);
    warned.splice(0);
    replies.clear();
    [steadyMs, clockMs, refusedCount] = [0, NOW_MS, 0];
    dir = makeTempDir();
    const nowMs = (): number => clockMs;
    const metrics: RollCallMetrics = {
      acknowledged: () => {},
      refused: () => {},
      dropped: (reason) => dropped.push(reason),
      connectionRefused: () => refusedCount++,
    };
    ledger = await FileLedger.open({ dataDir: dir.path, keepDays: 1, nowMs, logger });
    rooms = new Rooms(ledger, nowMs, logger);
    gateway = new WebSocketGateway({
      ...{ rooms, metrics, logger, nowMs, steadyMs: () => steadyMs },
      intake: { take: (_channel, _context, { sub }, _claim, done) => replies.set(sub, done) },
      commands: new CallCommands({ ledger, nowMs, broadcastOf: () => null, onChange: () => {} }),
      gate: new ConnectionGate({
        ...{ admission: new Admission(1000), addresses: new AddressDoors(1000), maxConnections: MOST },
        ...{ openConnections: () => gateway.size, steadyMs: () => steadyMs },
        makeRoom: () => gateway.closeOldestPending(),
      }),
      places: new Places({
        ...{ maxConnections: MOST + 2, openConnections: () => gateway.size, random: () => 0 },
      }),
      clientAddress: () => '203.0.113.5',
      hasChannel: () => true,
      identify: (_channel, token) => ({ sub: token, name: token, role: 'student', expMs: EXP_MS }),
      onWatched: () => ({ kind: 'counts' }),
    });
    server = createServer();
    server.on('upgrade', (req, socket, head) => gateway.upgrade(req, socket, head));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    gateway.closeAll();
    server.closeAllConnections();
    server.close();
    await ledger.close();
    dir.remove();
  });

  const join = async (sub: string): Promise<WebSocket> => {
    const ws = new WebSocket(`ws://127.0.0.1:${port}/rollcall/hall-7`);
    await once(ws, 'open');
    ws.send(JSON.stringify({ type: 'hello', token: sub }));
    await once(ws, 'message');
    ws.send(ANSWER);
    await waitFor('her answer is there', () => replies.has(sub));
    return ws;
  };
  const end = async (ws: WebSocket): Promise<number> => {
    const [code] = (await once(ws, 'close')) as [number];
    return code;
  };

  it('logs once a second that the ledger cannot be read, however many are turned away', async () => {
    ledger.calls = () => Promise.reject(new Error('the disk is gone'));
    for (let i = 0; i < 4; i++) {
      const ws = new WebSocket(`ws://127.0.0.1:${port}/rollcall/hall-7`);
      await once(ws, 'open');
      ws.send(JSON.stringify({ type: 'hello', token: `s${i}` }));
      equal(await end(ws), CLOSE_CODES.goingAway);
    }
    equal(dropped.filter((reason) => reason === 'ledger-unavailable').length, 4);
    equal(warned.filter((line) => line.startsWith('a client cannot be welcomed')).length, 1);
  });

  it('drops who does not read, and nobody else', async () => {
    const slow = await join('slow');
    const reader = await join('reader');
    slow.pause();
    let [sent, got] = [0, 0];
    reader.on('message', () => got++);
    // The kernel takes some megabytes before what is unsent counts.
    const reply = { type: 'refused', code: 'bad-answer', reason: 'x'.repeat(1000) } as const;
    while (dropped.length === 0) {
      for (const done of replies.values()) done(reply);
      sent++;
      ok(sent < 100_000, 'a hundred megabytes lie there for who does not read');
      if (sent % 20 === 0) await waitFor('the other one has read', () => got === sent);
    }
    deepEqual(dropped, ['slow']);
    await waitFor('she is out', () => rooms.studentCount === 1);
    equal(reader.readyState, WebSocket.OPEN);
    slow.terminate();
  });

  for (const control of ['ping', 'pong'] as const) {
    it(`drops who sends one ${control} upon the other, and not who sends one now and then`, async () => {
      const flood = await join('flood');
      const polite = await join('polite');
      const ended = end(flood);
      for (let i = 0; i < 100; i++) flood[control]();
      for (let i = 0; i < 20; i++) polite[control]();
      equal(await ended, CLOSE_CODES.flood);
      deepEqual(dropped, ['flood']);
      equal(polite.readyState, WebSocket.OPEN);
    });
  }

  it('drops who is alive and says nothing', async () => {
    const silent = await join('silent');
    steadyMs += LIMITS.silenceMs + 1;
    silent.ping();
    await once(silent, 'pong');
    gateway.sweep();
    await end(silent);
    deepEqual(dropped, ['silent']);
  });

  it('drops who was silent for too long, and not who said a word', async () => {
    const silent = await join('silent');
    const talker = await join('talker');
    steadyMs = LIMITS.silenceMs;
    talker.send('{"type":"ping"}');
    await once(talker, 'message');
    gateway.sweep();
    deepEqual(dropped, []);
    steadyMs += 1;
    gateway.sweep();
    equal(await end(silent), 1006);
    deepEqual(dropped, ['silent']);
    deepEqual([rooms.studentCount, talker.readyState], [1, WebSocket.OPEN]);
  });

  it('is not moved by a clock that is set: nobody is silent for it', async () => {
    await join('li');
    clockMs += 600_000;
    gateway.sweep();
    deepEqual([dropped, rooms.studentCount], [[], 1]);
  });

  it('closes who is let in until a time, when that has come', async () => {
    const student = await join('li');
    clockMs = EXP_MS;
    gateway.sweep();
    equal(await end(student), CLOSE_CODES.unauthorized);
    deepEqual(dropped, ['expired-token']);
  });

  it('gives the place of who does not answer a close to the next one', async () => {
    const deaf = await join('deaf');
    deaf.pause();
    deaf.send('{');
    await waitFor('she is out', () => gateway.size === 0);
    deepEqual(dropped, ['bad-frame']);
    deaf.terminate();
  });

  it('closes who does not say who she is', async () => {
    const ws = new WebSocket(`ws://127.0.0.1:${port}/rollcall/hall-7`);
    await once(ws, 'open');
    steadyMs = LIMITS.helloWithinMs + 1;
    gateway.sweep();
    equal(await end(ws), CLOSE_CODES.noHello);
    deepEqual(dropped, ['no-hello']);
  });

  it('gives the place of who says nothing to who comes, after a second', async () => {
    const silent = await Promise.all(
      Array.from({ length: MOST }, async () => {
        const ws = new WebSocket(`ws://127.0.0.1:${port}/rollcall/hall-7`);
        await once(ws, 'open');
        return ws;
      }),
    );
    const early = new WebSocket(`ws://127.0.0.1:${port}/rollcall/hall-7`);
    await once(early, 'unexpected-response');
    steadyMs = 1001;
    equal((await join('li')).readyState, WebSocket.OPEN);
    deepEqual(dropped, ['no-hello']);
    await waitFor(
      'one of them is out',
      () => silent.filter((ws) => ws.readyState === WebSocket.CLOSED).length === 1,
    );
  });

  it('takes no more than there may be, and says when to come back', async () => {
    const all = await Promise.all(Array.from({ length: MOST }, (_, i) => join(`s${i}`)));
    const refused = new WebSocket(`ws://127.0.0.1:${port}/rollcall/hall-7`);
    const [, response] = (await once(refused, 'unexpected-response')) as [unknown, IncomingMessage];
    deepEqual([response.statusCode, refusedCount], [503, 1]);
    const waitS = Number(response.headers['retry-after']);
    ok(waitS >= 20 && waitS <= 40, `${waitS} s`);
    all[0]?.close();
    await waitFor('there is a place', () => gateway.size < MOST);
    equal((await join('next')).readyState, WebSocket.OPEN);
  });
});
