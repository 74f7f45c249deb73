import { silentLogger } from '../../shared/logger.ts';
import { InProcessQueue } from '../../transcode/queue/in-process.ts';
import { jobQueueContract, type ContractJob } from './job-queue.contract.ts';

jobQueueContract('in-process queue', async () => new InProcessQueue<ContractJob>(silentLogger));
