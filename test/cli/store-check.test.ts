import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkStore, type StoreCheckOptions } from '../../cli/store-check.ts';
import { parseConfig } from '../../config/load.ts';
import { broadcastKey } from '../../origin/broadcasts/broadcast-store.ts';
import { segmentKey } from '../../origin/archive/archive-keys.ts';
import { ROOT } from '../house/source-files.ts';
import { lesson, lineOf } from '../origin/support/library-on-stage.ts';
import { startMinio } from '../support/minio.ts';
import { start } from '../support/process.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';

const START_MS = 1_600_000_000;

describe('lectern store check', function () {
  this.timeout(120_000);
  let directory: TempDir;
  beforeEach(() => {
    directory = makeTempDir();
  });
  afterEach(() => directory.remove());

  /** What it says; and whether it failed. */
  const check = async (
    env: Record<string, string>,
    options: StoreCheckOptions = { isDeep: false },
  ): Promise<{ readonly text: string; readonly failed: boolean }> => {
    const lines: string[] = [];
    const config = parseConfig('', { LECTERN_DATA_DIR: directory.path, ...env });
    let failed = false;
    await checkStore(config, options, (line) => void lines.push(line)).catch((error: unknown) => {
      assert.equal((error as { code?: string }).code, 'store-check-failed');
      failed = true;
    });
    return { text: lines.join('\n'), failed };
  };
  const put = (key: string, bytes: string): void => {
    const path = join(directory.path, 'store', key);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, bytes);
  };

  it('tries a folder, and ends with 0, or with 1 and the next step', async () => {
    const run = (args: readonly string[]) =>
      start(process.execPath, ['--import', 'tsx', 'cli/main.ts', 'store', 'check', ...args], {
        cwd: ROOT,
        env: { LECTERN_DATA_DIR: directory.path, LECTERN_CONFIG: '', LECTERN_S3_ENDPOINT: '', REDIS_URL: '' },
      });
    const works = run([]);
    assert.equal(await works.exited(60_000), 0, works.stderr());
    assert.match(works.stdout(), /^store +files in .*\/store$/m);
    assert.match(works.stdout(), /^works +write$/m);
    assert.match(works.stdout(), /^works +delete$/m);
    assert.match(works.stdout(), /^The store works\.$/m);
    assert.deepEqual(readdirSync(join(directory.path, 'store')), ['.writing']);

    put(broadcastKey(lesson('a', START_MS)), JSON.stringify(lesson('a', START_MS)));
    put(segmentKey('hall-7', START_MS, lineOf(START_MS)), 'x');
    const differs = run(['--deep']);
    assert.equal(await differs.exited(60_000), 1);
    assert.match(differs.stdout(), /0 segments, 1 extra/);
    assert.match(differs.stdout(), /store rebuild makes the index what is there/);
    assert.match(differs.stderr(), /does not do what Lectern needs: what the index lists/);

    const wrong = run(['--channel', 'hall-7']);
    assert.equal(await wrong.exited(60_000), 2);
    assert.match(wrong.stderr(), /--channel needs --deep/);
  });

  it('says where a folder cannot be used', async () => {
    writeFileSync(join(directory.path, 'store'), 'a file');
    const { text, failed } = await check({});
    assert.equal(failed, true);
    assert.match(text, /^fails +open: store folder .* cannot be used/m);
    assert.match(text, /let this user write to the folder/);
  });

  it('tries a real S3 server, page by page and in parts, and says what a wrong key is', async () => {
    const server = await startMinio();
    const env = {
      LECTERN_S3_ENDPOINT: server.endpoint,
      LECTERN_S3_ACCESS_KEY: server.accessKey,
      LECTERN_S3_SECRET_KEY: server.secretKey,
    };
    try {
      const works = await check(env, { isDeep: true });
      assert.equal(works.failed, false, works.text);
      assert.match(works.text, /^store +http:\/\/127\.0\.0\.1:\d+\/lectern\/ \(path style\)$/m);
      assert.match(works.text, /^clock +agrees with the server$/m);
      assert.equal(works.text.match(/^works /gm)?.length, 7);
      assert.match(works.text, /^0 broadcasts, 0 segments: 0 missing/m);
      assert.equal(works.text.includes(server.secretKey), false);

      const wrong = await check({ ...env, LECTERN_S3_SECRET_KEY: 'a-wrong-secret' });
      assert.equal(wrong.failed, true);
      assert.match(wrong.text, /^fails +open: .*refuses the access key/m);
      assert.match(wrong.text, /correct store\.s3\.accessKey and secretKey/);

      await server.kill();
      const away = await check(env);
      assert.equal(away.failed, true);
      assert.match(away.text, /^clock +the server does not say its time$/m);
      assert.match(away.text, /^fails +write: /m);
      assert.match(away.text, /start the store, or correct store\.s3\.endpoint/);
      assert.match(away.text, /^not tried +all else/m);
    } finally {
      await server.stop();
    }
  });
});
