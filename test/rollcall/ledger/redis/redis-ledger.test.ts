import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { LedgerError } from '../../../../rollcall/ledger/ledger.ts';
import { RedisLedger } from '../../../../rollcall/ledger/redis/redis-ledger.ts';
import { RedisConnection } from '../../../../rollcall/ledger/redis/redis-connection.ts';
import { silentLogger } from '../../../../shared/logger.ts';
import { type Redis, startRedis } from '../../../support/redis.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { ledgerContract, makeAnswer, makeCall, NOW_MS } from '../ledger.contract.ts';

const nowMs = (): number => Date.now();
const open = (redis: Redis): Promise<RedisLedger> =>
  RedisLedger.open({ redisUrl: redis.url, keepDays: 7, nowMs, logger: silentLogger });

ledgerContract('a ledger in Redis', async () => {
  const redis = await startRedis();
  return { isShared: true, open: () => open(redis), remove: () => redis.stop() };
});

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
