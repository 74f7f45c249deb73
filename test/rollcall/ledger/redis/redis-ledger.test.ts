import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerError } from '../../../../rollcall/ledger/ledger.ts';
import { RedisLedger } from '../../../../rollcall/ledger/redis/redis-ledger.ts';
import { RedisConnection } from '../../../../rollcall/ledger/redis/redis-connection.ts';
import { silentLogger } from '../../../../shared/logger.ts';
import { type Redis, startRedis } from '../../../support/redis.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { changedAnswersContract } from '../changed-answers.contract.ts';
import { ledgerContract, type LedgerPlace, makeAnswer, makeCall, NOW_MS } from '../ledger.contract.ts';
import { studentDataContract } from '../student-data.contract.ts';

const nowMs = (): number => Date.now();
const open = (redis: Redis): Promise<RedisLedger> =>
  RedisLedger.open({ redisUrl: redis.url, keepDays: 7, nowMs, logger: silentLogger });

const makePlace = async (): Promise<LedgerPlace> => {
  const redis = await startRedis();
  return { isShared: true, open: () => open(redis), remove: () => redis.stop() };
};
ledgerContract('a ledger in Redis', makePlace);
studentDataContract('the data of one student in Redis', makePlace);
changedAnswersContract('answers that may be changed, in Redis', makePlace);

describe('a ledger in a Redis that goes away', function () {
  this.timeout(60_000);
  let redis: Redis;
  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.stop());

  it('has all that it acknowledged after a kill in the middle of a burst, once each', async () => {
    const ledger = await open(redis);
    const call = makeCall();
    await ledger.openCall(call, NOW_MS);
    const acknowledged = new Set<string>();
    const answers = Array.from({ length: 3000 }, (_, i) => makeAnswer(call, `s${i}`));
    const sent: Promise<void>[] = [];
    for (let from = 0; from < answers.length; from += 50) {
      const some = answers.slice(from, from + 50);
      sent.push(
        ledger.record(some).then(
          (recorded) => {
            for (const one of recorded) if (one.kind !== 'id-taken') acknowledged.add(one.answer.sub);
          },
          () => {},
        ),
      );
      if (from === 1500) sent.push(redis.kill());
      if (from % 250 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(sent);
    match(ledger.notReady() ?? '', /cannot be reached/);
    await rejects(ledger.record(answers.slice(0, 1)), LedgerError);
    await redis.restart();
    await waitFor('Redis is back', () => ledger.notReady() === null);
    const stored = new Set<string>();
    for await (const { sub } of ledger.answers(call.channel, call.callId)) {
      ok(!stored.has(sub));
      stored.add(sub);
    }
    deepEqual(
      [...acknowledged].filter((sub) => !stored.has(sub)),
      [],
    );
    // Who got no ack sends again, and is in once.
    await ledger.record(answers);
    equal((await ledger.counts(call.channel, call.callId)).present, answers.length);
    await ledger.close();
  });

  it('acknowledges nothing, and says why, when Redis does not flush each command', async () => {
    const ledger = await open(redis);
    const admin = new RedisConnection({ redisUrl: redis.url, logger: silentLogger, nowMs });
    await admin.open();
    await admin.send('CONFIG', 'SET', 'appendfsync', 'everysec');
    await ledger.close();
    const again = await open(redis);
    match(again.notReady() ?? '', /appendfsync everysec/);
    await rejects(
      again.openCall(makeCall(), NOW_MS),
      (error) => error instanceof LedgerError && error.code === 'ledger-not-durable',
    );
    await admin.send('CONFIG', 'SET', 'appendfsync', 'always');
    await admin.close();
    await again.close();
  });
});

describe('a student who is erased from Redis', function () {
  this.timeout(60_000);
  let redis: Redis;
  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.stop());

  it('is in no key, no value and no file any more, also where her call was forgotten', async () => {
    const ledger = await open(redis);
    const call = makeCall();
    const { channel, callId } = call;
    await ledger.openCall(call, NOW_MS);
    await ledger.putRoster(channel, [{ id: '714', name: 'Han Meimei', group: '' }]);
    const hers = makeAnswer(call, 'secret-sub', { name: 'Han Meimei', rosterId: '714' });
    await ledger.record([hers, makeAnswer(call, 's-715', { name: 'Li Lei' })]);
    await ledger.noteAsked(channel, callId, [hers]);
    ledger.noteWatched(channel, [{ ...hers, minute: Math.floor(NOW_MS / 60_000) }]);
    await waitFor('her minute', async () => (await ledger.studentData(channel, '714')).watched.length === 1);
    const admin = new RedisConnection({ redisUrl: redis.url, logger: silentLogger, nowMs });
    await admin.open();
    await admin.send('DEL', `lectern:roll:{${channel}}:calls`);
    const onDisk = (): string =>
      readdirSync(redis.folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
        .join();
    ok(onDisk().includes('Han Meimei'));
    await ledger.eraseStudent(channel, '714');
    await waitFor('the file was written anew', () => !onDisk().includes('Han Meimei'));
    for (const word of ['secret-sub', 'Han Meimei']) ok(!onDisk().includes(word), word);
    ok(onDisk().includes('Li Lei'));
    await admin.close();
    await ledger.close();
  });
});
