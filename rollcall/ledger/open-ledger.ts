import type { LecternConfig } from '../../config/schema.ts';
import type { Logger } from '../../shared/logger.ts';
import { FileLedger } from './file-ledger.ts';
import type { Ledger } from './ledger.ts';

/**
 * Opens the ledger that the configuration names: a log in the data folder.
 *
 * @throws {LedgerError} `bad-data-dir`
 */
export async function openLedger(options: {
  readonly config: Pick<LecternConfig, 'dataDir' | 'redisUrl' | 'rollCall'>;
  readonly logger: Logger;
  readonly nowMs: () => number;
}): Promise<Ledger> {
  const { config, logger, nowMs } = options;
  const { dataDir, rollCall } = config;
  return FileLedger.open({ dataDir, keepDays: rollCall.keepDays, nowMs, logger });
}
