import { deepEqual } from 'node:assert/strict';
import { CallCommands } from '../../../rollcall/gateway/call-commands.ts';
import { ClientSession, type SessionConnection } from '../../../rollcall/gateway/client-session.ts';
import type { Identity } from '../../../rollcall/gateway/identity.ts';
import type { WatchedVerdict } from '../../../rollcall/gateway/watched-claims.ts';
import { Rooms } from '../../../rollcall/gateway/rooms.ts';
import { FileLedger } from '../../../rollcall/ledger/file/file-ledger.ts';
import { unavailable } from '../../../rollcall/ledger/ledger.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { NOW_MS } from '../ledger/ledger.contract.ts';

const LI: Identity = { sub: 'li', name: 'Li', role: 'student', expMs: Number.POSITIVE_INFINITY };
const nowMs = (): number => NOW_MS;
/** Everything that is pending and needs no timer has happened. */
const settled = (): Promise<void> => new Promise((done) => setImmediate(done));

describe('a client session whose room is refreshed for the first time', () => {
  let dir: TempDir;
  let ledger: FileLedger;
  let session: ClientSession;
  let events: string[];
  let verdict: WatchedVerdict;
  /** Ends the refresh. */
  let refreshed: { resolve(): void; reject(error: Error): void };

  beforeEach(async () => {
    dir = makeTempDir();
    events = [];
    verdict = { kind: 'counts' };
    ledger = await FileLedger.open({ dataDir: dir.path, keepDays: 1, nowMs, logger: silentLogger });
    const calls = new Promise<[]>((resolve, reject) => {
      refreshed = { resolve: () => resolve([]), reject };
    });
    ledger.calls = () => calls;
    const connection: SessionConnection = {
      ...{ openedMs: 0, heardMs: 0, isOpen: true },
      send: ({ json }) => {
        const { type, code = '', minute = '', retryAfterMs = '' } = JSON.parse(json);
        events.push(`sent ${type} ${code} ${minute} ${retryAfterMs}`.trim());
      },
      close: () => events.push('closed'),
      drop: (_code, metric) => events.push(`dropped ${metric}`),
      terminate: () => events.push('terminated'),
    };
    session = new ClientSession(connection, 'hall-7', {
      rooms: new Rooms(ledger, nowMs, silentLogger),
      intake: { take: () => {} },
      commands: new CallCommands({ ledger, nowMs, broadcastOf: () => null, onChange: () => {} }),
      places: { isFull: () => false, take: () => {}, leave: () => {} },
      metrics: { acknowledged: () => {}, refused: () => {}, dropped: () => {}, connectionRefused: () => {} },
      logger: { ...silentLogger, warn: (_fields, message) => events.push(`warned: ${message}`) },
      nowMs,
      identify: () => LI,
      onWatched: () => verdict,
    });
    session.handle({ type: 'hello', token: 'a-token' });
  });
  afterEach(async () => {
    await ledger.close();
    dir.remove();
  });

  it('is welcomed when the ledger was read', async () => {
    refreshed.resolve();
    await settled();
    deepEqual(events, ['sent welcome']);
  });

  it('is closed with a warning when the ledger cannot be read', async () => {
    refreshed.reject(unavailable('no ledger'));
    await settled();
    deepEqual(events, [
      'warned: a client cannot be welcomed: the ledger cannot be read',
      'dropped ledger-unavailable',
    ]);
  });

  for (const { name, said, want } of [
    { name: 'that counts', said: { kind: 'counts' }, want: [] },
    { name: 'of the future', said: { kind: 'refused' }, want: ['sent refused bad-claim 7'] },
    {
      name: 'too many',
      said: { kind: 'too-many', retryAfterMs: 29_500 },
      want: ['sent refused too-many-minutes 7 30000'],
    },
  ] as const) {
    it(`is told what became of a watched minute ${name}, unless it counts`, () => {
      verdict = said;
      session.handle({ type: 'watched', minute: 7 });
      deepEqual(events, want);
    });
  }

  for (const { name, end } of [
    { name: 'the ledger was read', end: () => refreshed.resolve() },
    { name: 'the ledger could not be read', end: () => refreshed.reject(unavailable('no ledger')) },
  ]) {
    it(`is neither welcomed nor counted when it left before ${name}`, async () => {
      session.leave();
      end();
      await settled();
      deepEqual(events, []);
    });
  }
});
