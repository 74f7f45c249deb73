import type { LecternConfig } from '../../config/schema.ts';
import type { JobQueue } from '../../shared/job-queue.ts';
import type { Logger } from '../../shared/logger.ts';
import type { TranscodeJob } from '../job.ts';
import { BullQueue } from './bull-queue.ts';
import { InProcessQueue } from './in-process.ts';

/** Name of the queue in Redis: `bull:transcode:wait` is its waiting list. */
export const TRANSCODE_QUEUE = 'transcode';

/** Makes the queue between ingest and transcode: in Redis where one is configured, else inside this process. */
export function createJobQueue(deps: {
  readonly config: Pick<LecternConfig, 'redisUrl'>;
  readonly logger: Logger;
}): JobQueue<TranscodeJob> {
  const { redisUrl } = deps.config;
  if (redisUrl === undefined) return new InProcessQueue(deps.logger);
  return new BullQueue({ redisUrl, name: TRANSCODE_QUEUE, logger: deps.logger });
}
