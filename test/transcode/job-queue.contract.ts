import assert from 'node:assert/strict';
import type { JobIntake, JobQueue } from '../../shared/job-queue.ts';

/** What a job of the contract carries. */
export type ContractJob = { readonly word: string; readonly priority?: number };

/** The priority of a contract's job, for the queue's `priorityOf`. */
export function priorityOf(job: ContractJob): number {
  return job.priority ?? 50;
}

/** Takes jobs at once, up to a number. */
export function taking(atMost: number): JobIntake<ContractJob> {
  return { atMost, patienceMs: () => 0 };
}

/** A promise with its handle. */
export function gate<T = void>(): { readonly promise: Promise<T>; open(value: T): void } {
  let open: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { promise, open: (value) => open(value) };
}

/**
 * What every JobQueue does.
 *
 * @param makeQueue an empty queue; closed by the test
 */
export function jobQueueContract(name: string, makeQueue: () => Promise<JobQueue<ContractJob>>): void {
  describe(`${name}: the contract of a job queue`, () => {
    let queue: JobQueue<ContractJob>;
    beforeEach(async () => {
      queue = await makeQueue();
    });
    afterEach(() => queue.close());

    it('gives a job to its handler, whether it was added before or after', async () => {
      const both = gate();
      const words: string[] = [];
      await queue.add('1', { word: 'before' });
      await queue.process(taking(4), async (job) => {
        words.push(job.word);
        if (words.length === 2) both.open();
      });
      await queue.add('2', { word: 'after' });
      await both.promise;
      assert.deepEqual(words.sort(), ['after', 'before']);
    });

    it('adds an id once, while it waits, while it runs and when it is done', async () => {
      const words: string[] = [];
      const started = gate();
      const finish = gate();
      const last = gate();
      const third = gate();
      await queue.add('1', { word: 'first' });
      await queue.add('1', { word: 'again, waiting' });
      await queue.process(taking(1), async (job) => {
        words.push(job.word);
        if (job.word === 'first') {
          started.open();
          await finish.promise;
        }
        if (job.word === 'second') last.open();
        if (job.word === 'third') third.open();
      });
      await started.promise;
      await queue.add('1', { word: 'again, running' });
      await queue.add('2', { word: 'second' });
      finish.open();
      await last.promise;
      await queue.add('1', { word: 'again, done' });
      await queue.add('3', { word: 'third' });
      await third.promise;
      assert.deepEqual(words, ['first', 'second', 'third']);
    });

    it('runs no more jobs at once than it was told', async () => {
      let now = 0;
      let most = 0;
      const release = gate();
      const two = gate();
      const all = gate();
      let done = 0;
      for (let i = 0; i < 5; i++) await queue.add(String(i), { word: String(i) });
      await queue.process(taking(2), async () => {
        most = Math.max(most, ++now);
        if (now === 2) two.open();
        await release.promise;
        now--;
        if (++done === 5) all.open();
      });
      await two.promise;
      release.open();
      await all.promise;
      assert.equal(most, 2);
    });

    it('takes the job with the highest priority first, and of equals the oldest', async () => {
      const words: string[] = [];
      const all = gate();
      const jobs = [
        { word: 'class of thirty', priority: 50 },
        { word: 'lecture', priority: 90 },
        { word: 'another class', priority: 50 },
        { word: 'test', priority: 1 },
        { word: 'second lecture', priority: 90 },
      ];
      for (const job of jobs) await queue.add(job.word, job);
      assert.equal(await queue.waiting(), 5);
      await queue.process(taking(1), async (job) => {
        words.push(job.word);
        if (words.length === jobs.length) all.open();
      });
      await all.promise;
      assert.deepEqual(words, ['lecture', 'second lecture', 'class of thirty', 'another class', 'test']);
    });

    it('goes on after a handler that failed, and does not try that job again', async () => {
      const words: string[] = [];
      const second = gate();
      await queue.add('1', { word: 'fails' });
      await queue.add('2', { word: 'works' });
      await queue.process(taking(1), async (job) => {
        words.push(job.word);
        if (job.word === 'fails') throw new Error('no good');
        second.open();
      });
      await second.promise;
      assert.deepEqual(words, ['fails', 'works']);
    });

    it('aborts what runs when it closes, and waits for it', async () => {
      const started = gate();
      let ended = false;
      await queue.add('1', { word: 'long' });
      await queue.process(taking(1), async (_job, signal) => {
        started.open();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        await new Promise((resolve) => setImmediate(resolve));
        ended = true;
        throw new Error('aborted');
      });
      await started.promise;
      await queue.close();
      assert.equal(ended, true);
    });

    it('refuses a job after it was closed: queue-unavailable', async () => {
      await queue.close();
      await assert.rejects(queue.add('1', { word: 'late' }), { code: 'queue-unavailable' });
    });
  });
}
