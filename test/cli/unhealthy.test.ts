import assert from 'node:assert/strict';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

describe('/healthz of roles whose Redis is set wrongly', () => {
  let redis: Redis;
  let pipeline: TestPipeline | null = null;

  before(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    await pipeline?.stop();
    pipeline = null;
  });
  after(() => redis.stop());

  const start = async (role: 'transcode' | 'ingest' | 'rollcall'): Promise<void> => {
    pipeline = await startTestPipeline({ roles: [role], redisUrl: redis.url });
  };
  const says = (pattern: RegExp): Promise<unknown> =>
    waitFor(
      `/healthz says ${pattern}`,
      async () => {
        const answer = await fetch(`${pipeline?.url}/healthz`);
        const text = await answer.text();
        if (!pattern.test(`${answer.status} ${text}`)) throw new Error(`${answer.status} ${text}`);
        return true;
      },
      30_000,
    );

  it('a worker whose Redis takes no writes is not ready, and is ready when it does', async () => {
    await redis.configure('min-replicas-to-write', '1');
    await start('transcode');
    await says(/^503 .*"transcode":"job queue: NOREPLICAS/);
    await redis.configure('min-replicas-to-write', '0');
    await says(/^200 .*"transcode":null/);
  }).timeout(60_000);

  it('a roll call whose Redis does not flush is not ready, and its error shows', async () => {
    await redis.configure('appendfsync', 'everysec');
    await start('rollcall');
    await says(/^503 .*"rollcall":"Redis has .*appendfsync everysec.*"errors":{"rollcall":"1 error in/);
    await redis.configure('appendfsync', 'always');
    await redis.restart();
    await says(/^200 .*"rollcall":null/);
  }).timeout(60_000);

  for (const role of ['transcode', 'ingest', 'rollcall'] as const) {
    it(`${role} is not ready while Redis is away, and does not tell its address`, async () => {
      await start(role);
      await says(/^200 /);
      await redis.kill();
      await says(/^503 .*Redis cannot be reached/);
      const said = await (await fetch(`${pipeline?.url}/healthz`)).text();
      assert.ok(!said.includes('127.0.0.1') && !said.includes(String(redis.port)), said);
      await redis.restart();
      await says(/^200 /);
    }).timeout(60_000);
  }

  it('is served while the process starts and its Redis is away', async () => {
    await redis.kill();
    await start('ingest');
    await says(/^503 .*Redis cannot be reached/);
    await redis.restart();
    await says(/^200 /);
    assert.equal(pipeline?.pipeline.roles.length, 1);
  }).timeout(60_000);
});
