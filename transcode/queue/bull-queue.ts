import Bull from 'bull';
import { AppError, describeError } from '../../shared/errors.ts';
import { Faults } from '../../shared/faults.ts';
import type { JobHandler, JobIntake, JobQueue } from '../../shared/job-queue.ts';
import type { Logger } from '../../shared/logger.ts';
import { JobTaker } from './job-taker.ts';
import { type LockTimes, lockTimes, wholeMs } from './lock-times.ts';

/** What a queue in Redis needs. */
export type BullQueueOptions<T> = {
  /** May hold a password. Never in logs or errors. */
  readonly redisUrl: string;
  readonly name: string;
  readonly logger: Logger;
  /** 1 to {@link HIGHEST_PRIORITY}, larger is taken first; left out: all jobs are equal. */
  priorityOf?(job: T): number;
  /** How long a worker may be silent before its jobs go to another one, whole milliseconds, at least 3. */
  readonly lockMs?: number;
  /** How long Redis may take to answer when a job is added, whole milliseconds. */
  readonly addTimeoutMs?: number;
};

/** Bull counts the other way: 1 comes first. */
export const HIGHEST_PRIORITY = 100;

const LOCK_MS = 2000;
const ADD_TIMEOUT_MS = 5000;
/** How long Redis holds a request for a job that does not come, seconds: room is counted anew after it. */
const DRAIN_DELAY_S = 2;
/** Finished jobs stay in Redis for a day, so that an id that is added again is recognized. */
const RETAIN_FINISHED = { age: 24 * 3600, count: 10_000 };

type Run = { readonly done: Promise<void>; readonly controller: AbortController; holders: number };

/**
 * A queue in Redis, on top of Bull.
 *
 * **One run.** A worker holds a lock on each of its jobs and renews it every third of `lockMs`. When a lock ends, because its
 * worker was killed or paused, Bull gives the job to a second worker. A worker that was paused notices that at its next
 * renewal: it takes the lock again when it is free, and otherwise aborts its own run. Two runs therefore overlap for a third
 * of `lockMs` at most; both push the same frames at the same times into a feed of the same name, of which the origin takes
 * one. A worker that is given a job that it still runs joins that run. A loss of Redis aborts no job: workers go on, and take
 * their locks again when Redis is back.
 *
 * **Room.** A worker asks for one job after the other, while it has room for another (see {@link JobTaker}). Bull's own loop
 * would ask for as many as it may ever run.
 *
 * **No retries.** A job that succeeded or failed is not tried again. Only a job that was aborted because its worker closes is
 * handed to another worker, at once.
 */
export class BullQueue<T> implements JobQueue<T> {
  readonly #queue: Bull.Queue<T>;
  readonly #logger: Logger;
  readonly #times: LockTimes;
  readonly #addTimeoutMs: number;
  readonly #priorityOf: (job: T) => number;
  readonly #running = new Map<string, Run>();
  #taker: JobTaker<T> | null = null;
  readonly #closing = new AbortController();
  #closed: Promise<void> | null = null;
  readonly #faults: Faults;

  /** @throws {AppError} `bad-queue-setting` */
  constructor(options: BullQueueOptions<T>) {
    this.#priorityOf = (job) => options.priorityOf?.(job) ?? HIGHEST_PRIORITY;
    this.#logger = options.logger;
    this.#times = lockTimes(options.lockMs ?? LOCK_MS);
    this.#addTimeoutMs = wholeMs('addTimeoutMs', options.addTimeoutMs ?? ADD_TIMEOUT_MS, 1);
    this.#faults = new Faults();
    this.#queue = new Bull<T>(options.name, options.redisUrl, {
      settings: {
        lockDuration: this.#times.lockMs,
        lockRenewTime: this.#times.renewMs,
        stalledInterval: this.#times.renewMs,
        // A class outlives any number of workers.
        maxStalledCount: 1_000_000,
        drainDelay: DRAIN_DELAY_S,
      },
    });
    this.#queue.on('error', (error) => this.#report(error));
  }

  notReady(): string | null {
    if (this.#closing.signal.aborted) return 'the job queue is closed';
    // Bull reports each failure of its periodic check for jobs without a lock: a fault that lasts is seen again and again.
    const fault = this.#faults.current();
    if (fault !== null) return fault;
    return this.#queue.client.status === 'ready' ? null : 'job queue: Redis cannot be reached';
  }

  async add(id: string, job: T): Promise<void> {
    if (this.#closing.signal.aborted) throw unavailable(id, 'the queue is closed');
    const added = this.#queue.add(job, {
      jobId: id,
      priority: Math.max(1, HIGHEST_PRIORITY + 1 - this.#priorityOf(job)),
      // Tries are for handing a job over; what fails is discarded before (see #handle).
      attempts: 1_000_000,
      stackTraceLimit: 1,
      removeOnComplete: RETAIN_FINISHED,
      removeOnFail: RETAIN_FINISHED,
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`Redis did not answer within ${this.#addTimeoutMs} ms`)),
        this.#addTimeoutMs,
      );
    });
    try {
      await Promise.race([added, late]);
    } catch (cause) {
      added.catch(() => {});
      throw unavailable(id, 'Redis cannot be reached', cause);
    } finally {
      clearTimeout(timer);
    }
  }

  async process(intake: JobIntake<T>, handler: JobHandler<T>): Promise<void> {
    const taker = new JobTaker<T>({
      intake,
      running: () => this.#running.size,
      first: async () => {
        const [first] = await this.#queue.getWaiting(0, 0);
        // Another worker may have removed it meanwhile.
        return first === undefined || first === null ? null : { id: String(first.id), job: first.data };
      },
      take: async () => {
        const job = await this.#queue.getNextJob();
        if (job !== undefined && job !== null) void this.#run(job, handler);
      },
      onError: (error) => this.#report(error),
    });
    this.#taker = taker;
    void this.#begin(taker);
  }

  async waiting(): Promise<number> {
    return this.notReady() === null ? this.#queue.getWaitingCount() : 0;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /**
   * Bull looks for jobs without a lock only while it processes jobs by itself: it is told to, and paused before it takes one.
   * Its promise lasts as long as the queue does, and rejects when the queue takes no jobs.
   */
  async #begin(taker: JobTaker<T>): Promise<void> {
    try {
      await this.#queue.pause(true);
      const processing = this.#queue.process(1, () => Promise.reject(new Error('the queue is paused')));
      await Promise.race([taker.run(), processing]);
    } catch (error) {
      taker.stop();
      if (this.#closing.signal.aborted) return;
      this.#report(error);
      this.#faults.addLasting(`it takes no jobs; ${faultOf(error)}`);
    }
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.#taker?.stop();
    // It ends a request for a job that Redis still holds: this worker would be given the jobs again that it hands over.
    await this.#queue.pause(true, true).catch((error: unknown) => this.#report(error));
    for (const run of this.#running.values()) run.controller.abort();
    await Promise.allSettled([...this.#running.values()].map((run) => run.done));
    await this.#queue.close().catch((error: unknown) => this.#report(error));
  }

  /** Runs a job that was taken, and tells the queue how it ended. Never rejects. */
  async #run(job: Bull.Job<T>, handler: JobHandler<T>): Promise<void> {
    try {
      const error = await this.#handle(job, handler).then(
        () => null,
        (thrown: unknown) => ({ message: describeError(thrown) }),
      );
      // Without `notFetch` Bull would give the next job along.
      if (error === null) await job.moveToCompleted(undefined, false, true);
      else await job.moveToFailed(error);
    } catch (error) {
      // Another worker has it by now, or will be given it when its lock has ended.
      this.#report(error);
    } finally {
      this.#taker?.wake();
    }
  }

  async #handle(job: Bull.Job<T>, handler: JobHandler<T>): Promise<void> {
    const id = String(job.id);
    let run = this.#running.get(id);
    if (run === undefined) {
      const controller = new AbortController();
      if (this.#closing.signal.aborted) controller.abort();
      // It begins before the next job is asked for: the room that it takes is known by then.
      const done = startNow(() => handler(job.data, controller.signal));
      run = { done, controller, holders: 0 };
      this.#running.set(id, run);
    }
    run.holders++;
    const watch = this.#watchLock(job, run.controller);
    try {
      await run.done;
    } catch (error) {
      if (run.controller.signal.aborted) {
        this.#logger.info({ job: id }, 'job is handed to another worker');
      } else {
        this.#logger.warn({ job: id }, `job failed: ${describeError(error)}`);
        await job.discard();
      }
      throw error;
    } finally {
      clearInterval(watch);
      run.holders--;
      if (run.holders === 0 && this.#running.get(id) === run) this.#running.delete(id);
    }
  }

  /** Bull stops renewing a lock that it has lost, without any event: this checks the lock beside Bull. */
  #watchLock(job: Bull.Job<T>, controller: AbortController): NodeJS.Timeout {
    const check = async (): Promise<void> => {
      if (await this.#extend(job)) return;
      const taken: unknown = await job.takeLock();
      if (taken !== false && taken !== 0) return;
      // A worker that stood still may have been given its own job again in between: the lock is its own then.
      if (await this.#extend(job)) return;
      // The job may have ended in the meantime, which releases its lock.
      if (!this.#running.has(String(job.id)) || controller.signal.aborted) return;
      this.#logger.warn({ job: job.id }, 'another worker runs this job; it is aborted here');
      controller.abort();
    };
    return setInterval(() => {
      check().catch((error: unknown) => this.#report(error));
    }, this.#times.renewMs);
  }

  /** @returns false where the lock is not this worker's, or has ended */
  async #extend(job: Bull.Job<T>): Promise<boolean> {
    const extended: unknown = await job.extendLock(this.#times.lockMs);
    return extended === 1 || extended === '1';
  }

  /** While Redis is away each command of each worker fails: a fault is logged when it begins, not each time. */
  #report(error: unknown): void {
    if (this.#faults.add(faultOf(error))) this.#logger.error({}, `job queue: ${describeError(error)}`);
  }
}

/** What `/healthz` says, which is public: the words of Redis, but not of the network, which name its address. */
function faultOf(error: unknown): string {
  const isReply = error instanceof Error && error.name === 'ReplyError';
  return `job queue: ${isReply ? error.message : 'Redis cannot be reached'}`;
}

function unavailable(id: string, why: string, cause?: unknown): AppError {
  return new AppError(`job ${id}: ${why}`, { code: 'queue-unavailable', status: 503, cause });
}

/** Calls a function at once; what it throws becomes a rejection. */
async function startNow(start: () => Promise<void>): Promise<void> {
  return start();
}
