import { equal, match, rejects } from 'node:assert/strict';
import { durabilityFault } from '../../../../rollcall/ledger/redis/redis-durability.ts';
import { RedisConnection } from '../../../../rollcall/ledger/redis/redis-connection.ts';
import { silentLogger } from '../../../../shared/logger.ts';
import { startFakeRedis } from './support/fake-redis.ts';

describe('what Redis is set up with', () => {
  const safe = { appendonly: 'yes', appendfsync: 'always', 'no-appendfsync-on-rewrite': 'no' };
  const table = [
    { name: 'flushes each command', settings: safe, want: null },
    { name: 'writes no file', settings: { ...safe, appendonly: 'no' }, want: /appendonly no/ },
    {
      name: 'flushes each second',
      settings: { ...safe, appendfsync: 'everysec' },
      want: /appendfsync everysec/,
    },
    {
      name: 'flushes nothing while it rewrites its file',
      settings: { ...safe, 'no-appendfsync-on-rewrite': 'yes' },
      want: /no-appendfsync-on-rewrite yes/,
    },
    {
      name: 'drops keys when it is full',
      settings: { ...safe, maxmemory: '1000000', 'maxmemory-policy': 'volatile-ttl' },
      want: /maxmemory-policy volatile-ttl/,
    },
    {
      name: 'refuses when it is full',
      settings: { ...safe, maxmemory: '1000000', 'maxmemory-policy': 'noeviction' },
      want: null,
    },
    {
      name: 'is never full',
      settings: { ...safe, maxmemory: '0', 'maxmemory-policy': 'allkeys-lru' },
      want: null,
    },
  ];
  for (const { name, settings, want } of table) {
    it(`${want === null ? 'is enough' : 'is not enough'} when it ${name}`, () => {
      const loss = durabilityFault(new Map(Object.entries(settings)));
      if (want === null) equal(loss, null);
      else match(loss ?? '', want);
    });
  }

  it('is not taken to be good while Redis is too busy to tell it', async () => {
    const fake = await startFakeRedis();
    const link = new RedisConnection({ redisUrl: fake.url, logger: silentLogger, nowMs: () => Date.now() });
    try {
      fake.answerConfig('-BUSY Redis is busy running a script.\r\n');
      await link.open();
      await rejects(link.requireDurable(), { code: 'ledger-unavailable', status: 503 });
      match(link.notReady() ?? '', /not known yet/);
      fake.answerConfig('*4\r\n+appendonly\r\n+yes\r\n+appendfsync\r\n+always\r\n');
      await link.requireDurable();
      equal(link.notReady(), null);
    } finally {
      await link.close();
      await fake.stop();
    }
  });
});
