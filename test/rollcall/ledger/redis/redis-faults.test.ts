import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import type { StoredCall, Ledger } from '../../../../rollcall/ledger/ledger.ts';
import { RedisLedger } from '../../../../rollcall/ledger/redis/redis-ledger.ts';
import { RedisConnection } from '../../../../rollcall/ledger/redis/redis-connection.ts';
import { type Logger, silentLogger } from '../../../../shared/logger.ts';
import { type Redis, startRedis } from '../../../support/redis.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { makeAnswer, makeCall, NOW_MS } from '../ledger.contract.ts';

const DAY_MS = 86_400_000;
const nowMs = (): number => Date.now();

describe('a ledger in a Redis that has faults, and that lasts', function () {
  this.timeout(60_000);
  let redis: Redis;
  let admin: RedisConnection;
  const ledgers: Ledger[] = [];
  const open = async (
    options: Partial<Parameters<typeof RedisLedger.open>[0]> = {},
  ): Promise<RedisLedger> => {
    const ledger = await RedisLedger.open({
      ...{ redisUrl: redis.url, keepDays: 7, nowMs, logger: silentLogger },
      ...options,
    });
    ledgers.push(ledger);
    return ledger;
  };
  const opened = async (ledger: Ledger, change: Partial<StoredCall> = {}): Promise<StoredCall> => {
    const call = makeCall(change);
    equal((await ledger.openCall(call, call.atProgramTimeMs)).kind, 'opened');
    return call;
  };

  beforeEach(async () => {
    redis = await startRedis();
    admin = new RedisConnection({ redisUrl: redis.url, logger: silentLogger, nowMs });
    await admin.open();
  });
  afterEach(async () => {
    for (const ledger of ledgers.splice(0)) await ledger.close();
    await admin.close();
    await redis.stop();
  });

  it('says once that a class list cannot be read, and does not call a student erased who may stand in it', async () => {
    const said: string[] = [];
    const logger: Logger = {
      ...silentLogger,
      error: (fields, line) => said.push(JSON.stringify([fields, line])),
    };
    const ledger = await open({ logger });
    const list = [{ id: '714', name: 'Han Meimei', group: '' }];
    for (const [channel, damaged] of [
      ['hall-1', '[{"id":"714","name":"Han Mei'],
      ['hall-2', '[{"id":714,"name":"Han Meimei","group":""}]'],
    ] as const) {
      said.length = 0;
      await ledger.putRoster(channel, list);
      deepEqual(await ledger.roster(channel), list);
      const keys = [`lectern:roll:{${channel}}:roster`, `lectern:roll:{${channel}}:roster-version`] as const;
      await admin.send('MSET', keys[0], damaged, keys[1], 'another');
      await waitFor('it is read again', async () => (await ledger.roster(channel)).length === 0);
      deepEqual(await ledger.roster(channel), []);
      equal(said.length, 1);
      match(said[0] ?? '', new RegExp(`"${channel}".*cannot be read.*upload it again`));
      await rejects(ledger.eraseStudent(channel, '714'), /class list cannot be read/);
      await ledger.putRoster(channel, list);
      await ledger.eraseStudent(channel, '714');
      deepEqual(await ledger.roster(channel), []);
    }
  });

  it('looks again whether Redis flushes, after each time that it was away', async () => {
    const ledger = await open();
    const call = await opened(ledger);
    const set = async (value: string): Promise<void> => {
      await admin.send('CONFIG', 'SET', 'appendfsync', value);
      await admin.send('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    };
    await set('everysec');
    await waitFor('it is noticed', () => ledger.notReady()?.includes('appendfsync everysec'));
    for (const refused of [
      ledger.record([makeAnswer(call, 'li')]),
      ledger.changeCall(call.channel, call.callId, () => ({ windowMs: 5000 })),
      ledger.putRoster(call.channel, []),
    ]) {
      await rejects(refused, { code: 'ledger-not-durable', status: 503 });
    }
    await set('always');
    await waitFor('it is good again', () => ledger.notReady() === null);
    equal((await ledger.record([makeAnswer(call, 'li')]))[0]?.kind, 'stands');
  });

  it('works without hints, and where it may not see the settings says that', async () => {
    const rights = ['on', '>pw', '~*', '+@all', '-config', '-ssubscribe', '-spublish'];
    await admin.send('ACL', 'SETUSER', 'plain', ...rights);
    const redisUrl = `redis://plain:pw@127.0.0.1:${redis.port}`;
    const warnings: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (_fields, line) => warnings.push(line) };
    const [ledger, other] = [await open({ redisUrl, logger }), await open({ redisUrl })];
    equal(ledger.notReady(), null);
    ok(warnings.join('\n').includes('the settings of Redis cannot be read'));
    const { channel } = makeCall();
    deepEqual(await other.calls(channel), []);
    deepEqual(await other.roster(channel), []);
    const call = await opened(ledger, { channel });
    await ledger.putRoster(channel, [{ id: '1', name: '李雷', group: '' }]);
    await ledger.record([makeAnswer(call, 'li')]);
    await waitFor('the call', async () => (await other.calls(channel)).length === 1);
    await waitFor('the roster', async () => (await other.roster(channel)).length === 1);
    equal((await other.counts(channel, call.callId)).present, 1);
  });

  it('gives up a connection on which nothing comes, refuses until then, and comes back by itself', async () => {
    const ledger = await open({ silentMs: 1500 });
    const call = await opened(ledger);
    const answer = makeAnswer(call, 'li');
    redis.pause();
    await rejects(ledger.record([answer]), { code: 'ledger-unavailable', status: 503 });
    match(ledger.notReady() ?? '', /cannot be reached/);
    await rejects(ledger.counts(call.channel, call.callId), { code: 'ledger-unavailable' });
    redis.resume();
    await waitFor('it is back', () => ledger.notReady() === null);
    deepEqual(await ledger.record([answer]), [{ kind: 'stands', answer }]);
    equal((await ledger.counts(call.channel, call.callId)).present, 1);
  });

  it('waits for a Redis that is away at the start, and gets its hints then', async () => {
    await redis.kill();
    const ledger = await open();
    match(ledger.notReady() ?? '', /cannot be reached/);
    await rejects(ledger.calls('hall-7'), { code: 'ledger-unavailable' });
    await redis.restart();
    await waitFor('it is there', () => ledger.notReady() === null);
    const other = await open();
    const hints: string[] = [];
    ledger.onHint((channel) => hints.push(channel));
    await waitFor('a hint', async () => {
      await opened(other, { channel: 'hall-7', windowMs: 0 });
      return hints.includes('hall-7');
    });
  });

  it('sends its scripts anew to a Redis that has forgotten them', async () => {
    const ledger = await open();
    const call = await opened(ledger);
    await ledger.record([makeAnswer(call, 'li')]);
    await admin.send('SCRIPT', 'FLUSH');
    equal((await ledger.record([makeAnswer(call, 'han')]))[0]?.kind, 'stands');
    equal((await ledger.counts(call.channel, call.callId)).present, 2);
  });

  it('has the minutes that were told while Redis was away', async () => {
    const ledger = await open();
    const minute = Math.floor(NOW_MS / 60_000);
    await redis.kill();
    await waitFor('it is away', () => ledger.notReady() !== null);
    ledger.noteWatched('hall-7', [{ sub: 'li', name: '李雷', rosterId: null, minute }]);
    await redis.restart();
    const minutes = await waitFor('the minute', async () => {
      for await (const watcher of ledger.watchers('hall-7', minute, minute)) return watcher.minutes;
      return null;
    });
    deepEqual(minutes, [minute]);
  });

  it('drops calls that are too old to be kept, though new ones keep coming', async () => {
    let aheadMs = 0;
    const ledger = await open({ nowMs: () => NOW_MS + aheadMs });
    const { channel } = await opened(ledger);
    aheadMs = 6 * DAY_MS;
    const second = await opened(ledger, { channel, atProgramTimeMs: NOW_MS + aheadMs });
    equal((await ledger.calls(channel)).length, 2);
    aheadMs = 8 * DAY_MS;
    deepEqual(await ledger.calls(channel), [second]);
    const third = await opened(ledger, { channel, atProgramTimeMs: NOW_MS + aheadMs });
    deepEqual(await ledger.calls(channel), [second, third]);
    equal(await admin.send('HLEN', `lectern:roll:{${channel}}:calls`), 2);
  });

  it('lets all but rosters end by themselves', async () => {
    const ledger = await open({ keepDays: 2 });
    const call = await opened(ledger);
    const { channel, callId } = call;
    const person = { sub: 'li', name: '李雷', rosterId: 'r1' };
    await ledger.putRoster(channel, [{ id: 'r1', name: '李雷', group: '' }]);
    await ledger.changeCall(channel, callId, () => ({ windowMs: 5000 }));
    await ledger.record([makeAnswer(call, 'li', { rosterId: 'r1' })]);
    await ledger.noteAsked(channel, callId, [person]);
    await ledger.connected(channel, 1);
    ledger.noteWatched(channel, [{ ...person, minute: Math.floor(NOW_MS / 60_000) }]);
    await ledger.close();
    const keys = await admin.send('KEYS', '*');
    const names = Array.isArray(keys) ? keys.map(String) : [];
    const lasting: string[] = [];
    for (const name of names) {
      const seconds = Number(await admin.send('TTL', name));
      if (seconds <= 0 || seconds > (2 * DAY_MS) / 1000) lasting.push(name);
    }
    equal(names.length, 14, names.join('\n'));
    deepEqual(lasting.sort(), [
      `lectern:roll:{${channel}}:roster`,
      `lectern:roll:{${channel}}:roster-version`,
    ]);
  });
});
