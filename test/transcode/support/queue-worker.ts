import { silentLogger } from '../../../shared/logger.ts';
import { taking } from '../job-queue.contract.ts';
import { BullQueue } from '../../../transcode/queue/bull-queue.ts';

/**
 * A worker of its own process: takes jobs and never ends them, so that the test can kill it or let it stand still.
 *
 * Writes `started {id}` and `aborted {id}` to standard output.
 */
const [redisUrl = '', name = ''] = process.argv.slice(2);
const queue = new BullQueue<{ word: string }>({ redisUrl, name, logger: silentLogger, lockMs: 900 });
await queue.process(taking(4), async (job, signal) => {
  process.stdout.write(`started ${job.word}\n`);
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  process.stdout.write(`aborted ${job.word}\n`);
  throw new Error('aborted');
});
