import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchRunState } from '../../cli/on-air.ts';
import { ROOT } from '../house/source-files.ts';
import { freePort } from '../support/free-port.ts';
import { startMinio } from '../support/minio.ts';
import { type Started, start } from '../support/process.ts';
import { startPublisher } from '../support/publisher.ts';
import { startRedis } from '../support/redis.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';

type Environment = Record<string, string>;

/** The stream key that stands in all three configurations. */
const STREAM_KEY = 'hall-7?key=change-this-key-7';

function lectern(args: readonly string[], env: Environment): Started {
  // Variables of the machine must not change an example.
  const clean = Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => name.startsWith('LECTERN_') || name === 'REDIS_URL')
      .map((name) => [name, undefined]),
  );
  return start(process.execPath, ['--import', 'tsx', 'cli/main.ts', ...args], {
    cwd: ROOT,
    env: { ...clean, ...env },
  });
}

describe('the examples', function () {
  this.timeout(180_000);
  const endings: (() => unknown)[] = [];
  let directory: TempDir;
  beforeEach(() => {
    directory = makeTempDir();
  });
  afterEach(async () => {
    for (const end of endings.splice(0).toReversed()) await end();
    directory.remove();
  });

  /** `lectern up` with an example's own file, on free ports; resolves when it says that it is up. */
  const up = async (env: Environment, role?: string): Promise<string> => {
    const httpPort = await freePort();
    const dataDir = join(directory.path, role ?? 'data');
    const process = lectern(['up', ...(role === undefined ? [] : ['--role', role])], {
      LECTERN_HTTP_PORT: String(httpPort),
      LECTERN_DATA_DIR: dataDir,
      ...env,
    });
    endings.push(() => process.stop());
    await process.waitForOutput('http://', 90_000);
    return `http://127.0.0.1:${env['LECTERN_HTTP_PORT'] ?? httpPort}`;
  };
  const publish = (rtmpPort: number): void => {
    const publisher = startPublisher({ url: `rtmp://127.0.0.1:${rtmpPort}/live/${STREAM_KEY}` });
    endings.push(() => publisher.stop());
  };
  const onAir = (url: string): Promise<true> =>
    waitFor('the class is on air', async () => (await fetchRunState(url, 'hall-7')) === 'on-air', 90_000);
  const token = async (args: readonly string[], env: Environment): Promise<string> => {
    const made = lectern(['token', ...args], env);
    assert.equal(await made.exited(60_000), 0, made.stderr());
    return made.stdout().trim();
  };

  it('one-school: one process puts a class on air, and a teacher may see its publisher', async () => {
    const rtmpPort = await freePort();
    const LECTERN_CONFIG = 'examples/one-school/lectern.yaml';
    const LECTERN_DATA_DIR = join(directory.path, 'data');
    const url = await up({ LECTERN_CONFIG, LECTERN_RTMP_PORT: String(rtmpPort) });
    publish(rtmpPort);
    await onAir(url);
    const teacher = await token(['--role', 'teacher', '--channel', 'hall-7', '--name', 'Ms Li'], {
      LECTERN_CONFIG,
      LECTERN_DATA_DIR,
    });
    const answer = await fetch(`${url}/api/ingest/hall-7/publish`, {
      headers: { Authorization: `Bearer ${teacher}` },
    });
    const { streamKey } = (await answer.json()) as { streamKey: string };
    assert.equal(streamKey, STREAM_KEY);
  });

  it('tokens-and-s3: refuses who has no token, plays with one, and stores the class in the bucket', async () => {
    const minio = await startMinio();
    endings.push(() => minio.stop());
    const rtmpPort = await freePort();
    const env = {
      LECTERN_CONFIG: 'examples/tokens-and-s3/lectern.yaml',
      LECTERN_RTMP_PORT: String(rtmpPort),
      LECTERN_S3_ENDPOINT: minio.endpoint,
      LECTERN_S3_ACCESS_KEY: minio.accessKey,
      LECTERN_S3_SECRET_KEY: minio.secretKey,
    };
    const url = await up(env);
    publish(rtmpPort);
    const student = await token(
      ['--role', 'student', '--channel', 'hall-7', '--name', 'Wang Fang', '--sub', '7042'],
      env,
    );
    await onAir(`${url}/t/${student}`);
    const refused = await fetch(`${url}/live/hall-7/index.m3u8`);
    assert.equal(refused.status, 401);
    assert.match(await refused.text(), /"no-token"/);
    await waitFor('a segment of the class is in the bucket', () =>
      readdirSync(join(minio.folder, 'lectern', 'school-7'), { recursive: true, encoding: 'utf8' }).some(
        (name) => /^media\/hall-7\/.*\.m4s/.test(name),
      ),
    );
  });

  it('roles-apart: four processes put a class on air, and a student is let into the roll call', async () => {
    const redis = await startRedis();
    endings.push(() => redis.stop());
    const [originPort, ingestPort, rtmpPort] = [await freePort(), await freePort(), await freePort()];
    const text = readFileSync(join(ROOT, 'examples/roles-apart/lectern.yaml'), 'utf8');
    assert.match(text, /:8081[^]*:8082/);
    const file = join(directory.path, 'lectern.yaml');
    writeFileSync(file, text.replace(':8081', `:${originPort}`).replace(':8082', `:${ingestPort}`));
    const env = { LECTERN_CONFIG: file, REDIS_URL: redis.url };
    const [origin, , , gateway] = await Promise.all([
      up({ ...env, LECTERN_HTTP_PORT: String(originPort) }, 'origin'),
      up(env, 'transcode'),
      up({ ...env, LECTERN_HTTP_PORT: String(ingestPort), LECTERN_RTMP_PORT: String(rtmpPort) }, 'ingest'),
      up(env, 'rollcall'),
    ]);
    publish(rtmpPort);
    await onAir(origin);
    const guest = await fetch(`${gateway}/api/rollcall/hall-7/guests`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'Wang Fang' }),
    });
    assert.equal(((await guest.json()) as { name: string }).name, 'Wang Fang');
    for (const url of [origin, gateway]) assert.equal((await fetch(`${url}/healthz`)).status, 200);
  });
});
