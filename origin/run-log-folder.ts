import { z } from 'zod';
import type { Logger } from '../shared/logger.ts';
import type { RunLogSnapshot } from './packager/timeline/run-log.ts';
import { SnapshotFolder } from './snapshot-folder.ts';

const snapshotSchema = z.strictObject({
  base: z.int().min(0),
  runs: z.array(
    z.strictObject({
      firstNumber: z.int().min(0),
      group: z.string(),
      broadcast: z.string(),
      state: z.enum(['before', 'on-air', 'interrupted', 'over', 'announcement', 'recorded']),
    }),
  ),
});

/**
 * Opens the folder that keeps each channel's runs, so that discontinuities are counted on after a restart.
 *
 * @param dataDir the operator's data folder
 * @throws {SnapshotError} `bad-data-dir`
 */
export async function openRunLogs(dataDir: string, logger: Logger): Promise<SnapshotFolder<RunLogSnapshot>> {
  const parse = (value: unknown): RunLogSnapshot => snapshotSchema.parse(value);
  return SnapshotFolder.open({ dataDir, name: 'runs', parse, logger });
}
