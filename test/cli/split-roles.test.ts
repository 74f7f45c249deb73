import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchRunState } from '../../cli/on-air.ts';
import type { RoleName } from '../../shared/role.ts';
import { ROOT } from '../house/source-files.ts';
import { freePort } from '../support/free-port.ts';
import { type Started, start } from '../support/process.ts';
import { type Publisher, startPublisher } from '../support/publisher.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';

describe('roles in processes of their own, with Redis between them', () => {
  const running: Started[] = [];
  let directory: TempDir;
  let redis: Redis;
  let publisher: Publisher | null = null;

  before(async () => {
    directory = makeTempDir();
    redis = await startRedis();
  });
  after(async () => {
    await publisher?.stop();
    await Promise.all(running.map((role) => role.stop()));
    await redis.stop();
    directory.remove();
  });

  it('put a class on air', async () => {
    const [ingestPort, originPort, rtmpPort] = [await freePort(), await freePort(), await freePort()];
    const file = join(directory.path, 'lectern.yaml');
    writeFileSync(
      file,
      `channels: [{id: hall-7, title: Maths, publishKey: hall-7-key}]
origins: [http://127.0.0.1:${originPort}]
ingestUrl: http://127.0.0.1:${ingestPort}
`,
    );
    const up = async (role: RoleName, httpPort: number): Promise<Started> => {
      const started = start(process.execPath, ['--import', 'tsx', 'cli/main.ts', 'up', '--role', role], {
        cwd: ROOT,
        env: {
          LECTERN_CONFIG: file,
          LECTERN_DATA_DIR: join(directory.path, role),
          LECTERN_SECRET: 'a-secret-of-some-length',
          LECTERN_HTTP_PORT: String(httpPort),
          LECTERN_RTMP_PORT: String(rtmpPort),
          REDIS_URL: redis.url,
        },
      });
      running.push(started);
      await started.waitForOutput('http://', 30_000);
      return started;
    };
    await Promise.all([up('origin', originPort), up('transcode', 0), up('ingest', ingestPort)]);

    const origin = `http://127.0.0.1:${originPort}`;
    publisher = startPublisher({ url: `rtmp://127.0.0.1:${rtmpPort}/live/hall-7?key=hall-7-key` });
    await waitFor('it is on air', async () => (await fetchRunState(origin, 'hall-7')) === 'on-air', 40_000);
    assert.deepEqual(await (await fetch(`${origin}/healthz`)).json(), {
      status: 'ready',
      roles: { origin: null },
    });
  }).timeout(90_000);

  it('end with 0 on SIGTERM', async () => {
    await publisher?.stop();
    for (const role of running) role.child.kill('SIGTERM');
    for (const role of running) assert.equal(await role.exited(), 0, role.stderr());
  }).timeout(30_000);
});
