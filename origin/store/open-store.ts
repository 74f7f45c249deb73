import { join } from 'node:path';
import type { LecternConfig } from '../../config/schema.ts';
import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { type ObjectStore, StoreError } from '../../shared/object-store.ts';
import { FilesStore } from './files-store.ts';
import { S3Store } from './s3-store.ts';

/**
 * Opens the store that the configuration names: the bucket of an S3 server, else the folder `store` in the data folder.
 *
 * A mistake of the operator's ends the start: a key that the server refuses, a bucket that is not there and may not be made, a
 * folder that cannot be written to. An S3 server that cannot be reached does not, since what is on air needs no store: the
 * store is opened all the same, the log has a warning, and the bucket is looked at again before the first operation, which
 * fails with `store-unavailable` as long as the server is away.
 *
 * @param config dataDir is absolute
 * @param stallMs how long the store may stand still, milliseconds; its own default when left out
 * @throws {StoreError} `store-denied`, `no-such-bucket`, `bad-data-dir` (each 500)
 */
export async function openStore(
  config: Pick<LecternConfig, 'dataDir' | 'store'>,
  logger: Logger,
  stallMs?: number,
): Promise<ObjectStore> {
  const { s3 } = config.store;
  if (s3 === undefined) return FilesStore.open(join(config.dataDir, 'store'), stallMs);
  const store = new S3Store(stallMs === undefined ? s3 : { ...s3, stallMs });
  try {
    await store.check();
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'store-unavailable') {
      await store.close();
      throw error;
    }
    logger.warn(
      { code: error.code, error: describeError(error) },
      `the object store ${s3.endpoint} cannot be reached; what is on air goes on without it`,
    );
  }
  return store;
}
