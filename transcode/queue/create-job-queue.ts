import { DEFAULT_PRIORITY, type LecternConfig } from '../../config/schema.ts';
import type { JobQueue } from '../../shared/job-queue.ts';
import type { Logger } from '../../shared/logger.ts';
import type { TranscodeJob } from '../job.ts';
import { BullQueue } from './bull-queue.ts';
import { InProcessQueue } from './in-process.ts';

/** Name of the queue in Redis: `bull:transcode:wait` is its waiting list. */
export const TRANSCODE_QUEUE = 'transcode';

/** Makes the queue between ingest and transcode: in Redis where one is configured, else inside this process. */
export function createJobQueue(deps: {
  readonly config: Pick<LecternConfig, 'redisUrl' | 'channels'>;
  readonly logger: Logger;
}): JobQueue<TranscodeJob> {
  const { redisUrl, channels } = deps.config;
  const priorities = new Map(channels.map(({ id, priority }) => [id, priority]));
  const priorityOf = (job: TranscodeJob): number => priorities.get(job.channel) ?? DEFAULT_PRIORITY;
  if (redisUrl === undefined) return new InProcessQueue(deps.logger, priorityOf);
  return new BullQueue({ redisUrl, name: TRANSCODE_QUEUE, logger: deps.logger, priorityOf });
}
