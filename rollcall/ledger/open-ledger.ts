import type { LecternConfig } from '../../config/schema.ts';
import type { Logger } from '../../shared/logger.ts';
import { FileLedger } from './file/file-ledger.ts';
import type { Ledger } from './ledger.ts';
import { RedisLedger } from './redis/redis-ledger.ts';

/**
 * Opens the ledger of the configuration: in Redis where `redisUrl` is set, else a log in the data folder.
 *
 * @throws {LedgerError} `bad-data-dir`
 */
export async function openLedger(options: {
  readonly config: Pick<LecternConfig, 'dataDir' | 'redisUrl' | 'rollCall'>;
  readonly logger: Logger;
  readonly nowMs: () => number;
}): Promise<Ledger> {
  const { config, logger, nowMs } = options;
  const { dataDir, redisUrl, rollCall } = config;
  if (redisUrl !== undefined) {
    return RedisLedger.open({ redisUrl, keepDays: rollCall.keepDays, nowMs, logger });
  }
  return FileLedger.open({ dataDir, keepDays: rollCall.keepDays, nowMs, logger });
}
