import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { silentLogger } from '../../shared/logger.ts';
import { BullQueue } from '../../transcode/queue/bull-queue.ts';
import { gate, jobQueueContract, priorityOf, taking, type ContractJob } from './job-queue.contract.ts';
import { type Redis as RedisServer, startRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

describe('Bull on a real Redis', () => {
  let redis: RedisServer;
  let count = 0;
  const open = (name: string): BullQueue<ContractJob> =>
    new BullQueue<ContractJob>({ redisUrl: redis.url, name, logger: silentLogger, lockMs: 900, priorityOf });

  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.stop());

  jobQueueContract('Bull queue', async () => open(`contract-${++count}`));

  it('hands a job to another worker when the first is killed', async () => {
    const queue = open('killed');
    const worker = await startProcess(redis.url, 'killed');
    await queue.add('b1', { word: 'class' });
    await worker.says('started class');
    worker.process.kill('SIGKILL');
    const taken = gate<string>();
    const second = open('killed');
    await second.process(taking(1), async (job) => taken.open(job.word));
    assert.equal(await taken.promise, 'class');
    await second.close();
    await queue.close();
  });

  it('aborts the run of a worker that stood still while another took its job', async () => {
    const queue = open('still');
    const worker = await startProcess(redis.url, 'still');
    await queue.add('b1', { word: 'class' });
    await worker.says('started class');
    worker.process.kill('SIGSTOP');
    const taken = gate();
    const second = open('still');
    const signals: AbortSignal[] = [];
    await second.process(taking(1), async (_job, signal) => {
      signals.push(signal);
      taken.open();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw new Error('aborted');
    });
    await taken.promise;
    worker.process.kill('SIGCONT');
    await worker.says('aborted class');
    assert.equal(signals.length, 1, 'the second run goes on alone');
    assert.equal(signals[0]?.aborted, false);
    worker.process.kill('SIGKILL');
    await second.close();
    await queue.close();
  });

  it('lets a worker go on that stood still alone: it is given its own job again', async () => {
    const queue = open('alone');
    const worker = await startProcess(redis.url, 'alone');
    await queue.add('b1', { word: 'class' });
    await worker.says('started class');
    const lockMs = (): number =>
      Number(
        execFileSync('redis-cli', ['-u', redis.url, 'pttl', 'bull:alone:b1:lock'], { encoding: 'utf8' }),
      );
    // At which moment it wakes is chance: the lock is taken by whichever of its two ways comes first.
    for (let round = 0; round < 8; round++) {
      worker.process.kill('SIGSTOP');
      await waitFor('the end of the lock', async () => lockMs() < 0, 10_000);
      worker.process.kill('SIGCONT');
      await waitFor('the lock again', async () => lockMs() > 0, 10_000);
      let renewals = 0;
      let before = 0;
      await waitFor(
        'four renewals',
        async () => {
          const now = lockMs();
          if (now > before) renewals++;
          before = now;
          return renewals >= 4;
        },
        20_000,
      );
    }
    assert.equal(worker.hasSaid('aborted class'), false);
    worker.process.kill('SIGKILL');
    await queue.close();
  });

  it('hands a job to another worker at once when the first closes', async () => {
    const first = open('closing');
    const second = open('closing');
    const started = gate();
    const taken = gate();
    await first.add('b1', { word: 'class' });
    await first.process(taking(1), async (_job, signal) => {
      started.open();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw new Error('aborted');
    });
    await started.promise;
    await second.process(taking(1), async () => taken.open());
    await first.close();
    await taken.promise;
    await second.close();
  });

  it('leaves a job to the worker that has room', async () => {
    const full = open('room');
    const free = open('room');
    const words: string[] = [];
    const asked: (string | null)[] = [];
    const looked = gate();
    const took = gate();
    await full.process(
      {
        atMost: 4,
        patienceMs: (job) => {
          asked.push(job?.word ?? null);
          if (job !== null) looked.open();
          return 60_000;
        },
      },
      async (job) => void words.push(`full: ${job.word}`),
    );
    await full.add('b1', { word: 'class' });
    await looked.promise;
    await free.process(taking(4), async (job) => {
      words.push(`free: ${job.word}`);
      took.open();
    });
    await took.promise;
    assert.deepEqual(words, ['free: class']);
    assert.ok(asked.includes('class'), 'the full worker was asked about this very job');
    await full.close();
    await free.close();
  });

  it('takes a job without room when nobody else does', async () => {
    const full = open('nobody');
    const took = gate<string>();
    await full.add('b1', { word: 'class' });
    await full.process({ atMost: 4, patienceMs: () => 20 }, async (job) => took.open(job.word));
    assert.equal(await took.promise, 'class');
    await full.close();
  });

  it('runs each job once when many workers with and without room ask at once', async () => {
    const workers = Array.from({ length: 4 }, () => open('many'));
    const ran: string[] = [];
    const all = gate();
    const jobs = Array.from({ length: 40 }, (_, i) => `class ${i}`);
    for (const [i, worker] of workers.entries()) {
      await worker.process({ atMost: 3, patienceMs: () => i * 5 }, async (job) => {
        ran.push(job.word);
        if (ran.length === jobs.length) all.open();
      });
    }
    for (const [i, word] of jobs.entries())
      await workers[i % 4]?.add(word, { word, priority: 1 + (i % 100) });
    await all.promise;
    for (const worker of workers) await worker.close();
    assert.deepEqual(ran.toSorted(), jobs.toSorted());
  });

  it('refuses a job when Redis is away: queue-unavailable, and the address stays out of the message', async () => {
    const away = new BullQueue<ContractJob>({
      ...{ redisUrl: 'redis://:a-password@127.0.0.1:1', name: 'away', logger: silentLogger },
      addTimeoutMs: 50,
    });
    await assert.rejects(away.add('b1', { word: 'class' }), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'queue-unavailable');
      assert.doesNotMatch(error.message, /a-password/);
      return true;
    });
    await away.close();
  });
});

type Worker = {
  readonly process: ChildProcess;
  says(line: string): Promise<void>;
  hasSaid(line: string): boolean;
};

async function startProcess(redisUrl: string, name: string): Promise<Worker> {
  const file = new URL('./support/queue-worker.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', file, redisUrl, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => said.push(line));
  return {
    process: child,
    hasSaid: (line) => said.includes(line),
    says: async (line) => {
      while (!said.includes(line)) await once(lines, 'line');
    },
  };
}
