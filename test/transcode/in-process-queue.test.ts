import assert from 'node:assert/strict';
import { silentLogger } from '../../shared/logger.ts';
import { InProcessQueue } from '../../transcode/queue/in-process.ts';
import { jobQueueContract, priorityOf, taking, type ContractJob } from './job-queue.contract.ts';

jobQueueContract('in-process queue', async () => new InProcessQueue<ContractJob>(silentLogger, priorityOf));

describe('in-process queue', () => {
  it('says in the log that a job has to wait', async () => {
    const warnings: string[] = [];
    const queue = new InProcessQueue<ContractJob>({
      ...silentLogger,
      warn: (_, message) => warnings.push(message),
    });
    let finish = () => {};
    const finished = new Promise<void>((resolve) => (finish = resolve));
    await queue.process(taking(1), () => finished);
    await queue.add('first', { word: '' });
    assert.deepEqual(warnings, []);
    await queue.add('second', { word: '' });
    assert.deepEqual(warnings, ['the job waits: as many jobs run as jobsAtOnce allows (1)']);
    finish();
    await queue.close();
  });
});
