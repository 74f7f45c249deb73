import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../../config/load.ts';
import type { LecternConfig } from '../../../config/schema.ts';
import { openStore } from '../../../origin/store/open-store.ts';
import { type Logger, silentLogger } from '../../../shared/logger.ts';
import { startMinio } from '../../support/minio.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';

describe('opening the store that the configuration names', () => {
  let directory: TempDir;
  let warnings: string[];
  let logger: Logger;
  beforeEach(() => {
    directory = makeTempDir();
    warnings = [];
    logger = {
      ...silentLogger,
      warn: (fields, message) => warnings.push(`${message} ${JSON.stringify(fields)}`),
    };
  });
  afterEach(() => directory.remove());

  const config = (env: Record<string, string>): Pick<LecternConfig, 'dataDir' | 'store'> =>
    parseConfig('', { LECTERN_DATA_DIR: directory.path, ...env });
  const s3 = (server: { endpoint: string; accessKey: string; secretKey: string }) =>
    config({
      LECTERN_S3_ENDPOINT: server.endpoint,
      LECTERN_S3_ACCESS_KEY: server.accessKey,
      LECTERN_S3_SECRET_KEY: server.secretKey,
    });

  it('takes the folder store in the data folder where no bucket is named', async () => {
    const store = await openStore(config({}), logger);
    await store.put('a', Buffer.from('x'));
    assert.ok(existsSync(join(directory.path, 'store', 'a')));
    await store.close();
  });

  it('refuses a data folder that cannot be used: bad-data-dir', async () => {
    writeFileSync(join(directory.path, 'store'), 'a file');
    await assert.rejects(openStore(config({}), logger), { code: 'bad-data-dir' });
  });

  it('takes the bucket where one is named, and makes it', async () => {
    const server = await startMinio();
    try {
      const store = await openStore(s3(server), logger);
      await store.put('a', Buffer.from('x'));
      await store.close();
      assert.ok(existsSync(join(server.folder, 'lectern', 'a')));
      assert.equal(existsSync(join(directory.path, 'store')), false);
      await assert.rejects(openStore(s3({ ...server, secretKey: 'a-wrong-secret' }), logger), {
        code: 'store-denied',
      });
      assert.deepEqual(warnings, []);
    } finally {
      await server.stop();
    }
  });

  it('opens a store whose server is away with a warning that names it, and uses it once it is there', async () => {
    const server = await startMinio();
    try {
      await server.kill();
      const store = await openStore(s3(server), logger);
      assert.equal(warnings.length, 1);
      const [warning = ''] = warnings;
      for (const word of [server.endpoint, 'store-unavailable']) assert.ok(warning.includes(word), warning);
      for (const secret of [server.secretKey, server.accessKey])
        assert.ok(!warning.includes(secret), warning);
      await assert.rejects(store.put('a', Buffer.from('x')), { code: 'store-unavailable' });
      await server.restart();
      await store.put('a', Buffer.from('x'));
      assert.equal((await store.get('a')).toString(), 'x');
      await store.close();
    } finally {
      await server.stop();
    }
  });

  it('says what is wrong with a server that was away, once it is there and refuses us', async () => {
    const server = await startMinio();
    try {
      await server.kill();
      const store = await openStore(s3({ ...server, secretKey: 'a-wrong-secret' }), logger);
      await server.restart();
      await assert.rejects(store.put('a', Buffer.from('x')), { code: 'store-denied' });
      await store.close();
    } finally {
      await server.stop();
    }
  });
});
