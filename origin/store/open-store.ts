import { join } from 'node:path';
import type { LecternConfig } from '../../config/schema.ts';
import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { type ObjectStore, StoreError } from '../../shared/object-store.ts';
import { FilesStore } from './files-store.ts';
import { RetriedReads } from './retried-reads.ts';
import { S3Store, type S3StoreOptions } from './s3-store.ts';

/**
 * Opens the store that the configuration names: the bucket of an S3 server, else the folder `store` in the data folder.
 *
 * A mistake in the configuration is thrown: an access key that the server refuses, a bucket that does not exist and may not be
 * created, a server that wants other settings, a folder that is not writable. An S3 server that cannot be reached, or a wrong clock
 * of this machine, is only logged, since both may pass and live streaming needs no
 * store: the store is opened, and the bucket is checked again before the first operation, which fails with `store-unavailable`
 * as long as the server cannot be reached.
 *
 * @param config dataDir is absolute
 * @param options.stallMs longest time without progress, milliseconds; the store's own default when left out
 * @throws {StoreError} `store-denied`, `no-such-bucket`, `bad-data-dir` (each 500)
 */
export async function openStore(
  config: Pick<LecternConfig, 'dataDir' | 'store'>,
  logger: Logger,
  options: Pick<S3StoreOptions, 'stallMs' | 'pageKeys' | 'onFallback'> = {},
): Promise<ObjectStore> {
  const { s3 } = config.store;
  if (s3 === undefined)
    return new RetriedReads(await FilesStore.open(join(config.dataDir, 'store'), options.stallMs));
  const store = new S3Store({ ...s3, ...options });
  try {
    await store.check();
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'store-unavailable') {
      await store.close();
      throw error;
    }
    logger.warn(
      { code: error.code, error: describeError(error) },
      `the object store ${s3.endpoint} cannot be used now, and is tried again; live streaming continues without it: ${describeError(error)}`,
    );
  }
  return new RetriedReads(store);
}
