import Bull from 'bull';
import { AppError, describeError } from '../../shared/errors.ts';
import type { JobHandler, JobQueue } from '../../shared/job-queue.ts';
import type { Logger } from '../../shared/logger.ts';

/** What a queue in Redis needs. */
export type BullQueueOptions = {
  /** May hold a password: kept out of logs and errors. */
  readonly redisUrl: string;
  readonly name: string;
  readonly logger: Logger;
  /** How long a worker may be silent before its jobs go to another one, milliseconds; renewed three times in it. */
  readonly lockMs?: number;
  /** How long Redis may take to answer when a job is added, milliseconds. */
  readonly addTimeoutMs?: number;
};

const LOCK_MS = 2000;
const ADD_TIMEOUT_MS = 5000;
/** Ids stay known for a day: a broadcast is never put on air a second time. */
const KEEP = { age: 24 * 3600, count: 10_000 };

type Run = { readonly done: Promise<void>; readonly controller: AbortController; holders: number };

/**
 * A queue in Redis, made by Bull.
 *
 * **Once.** Bull gives a job to a second worker when the first has not renewed its lock for `lockMs`: it was killed, or
 * it stood still. A worker that comes back from standing still notices at its next renewal, a third of `lockMs` later: it
 * takes the lock again if nobody has, and otherwise aborts its own run. So there are two runs for a third of `lockMs` at
 * most, and these two push the same frames at the same times into a feed of the same name, of which the origin keeps one.
 * A worker that is given a job that it still runs joins that run. Redis being away ends no broadcast: a worker goes on, and
 * takes its locks again when Redis is back.
 *
 * **Over is over.** A job that was done or failed is not tried again. Only one that was aborted because its worker
 * closes goes back to the waiting ones, and so to another worker at once.
 */
export class BullQueue<T> implements JobQueue<T> {
  readonly #queue: Bull.Queue<T>;
  readonly #logger: Logger;
  readonly #lockMs: number;
  readonly #addTimeoutMs: number;
  readonly #running = new Map<string, Run>();
  readonly #closing = new AbortController();
  #closed: Promise<void> | null = null;
  #lastError = '';

  constructor(options: BullQueueOptions) {
    this.#logger = options.logger;
    this.#lockMs = options.lockMs ?? LOCK_MS;
    this.#addTimeoutMs = options.addTimeoutMs ?? ADD_TIMEOUT_MS;
    this.#queue = new Bull<T>(options.name, options.redisUrl, {
      settings: {
        lockDuration: this.#lockMs,
        lockRenewTime: this.#lockMs / 3,
        stalledInterval: this.#lockMs / 3,
        // A broadcast outlives any number of workers.
        maxStalledCount: 1_000_000,
        retryProcessDelay: 500,
      },
    });
    this.#queue.on('error', (error) => this.#report(error));
  }

  async add(id: string, job: T): Promise<void> {
    if (this.#closing.signal.aborted) throw unavailable(id, 'the queue is closed');
    const added = this.#queue.add(job, {
      jobId: id,
      // Tries are for handing a job over; what fails is discarded before (see #handle).
      attempts: 1_000_000,
      stackTraceLimit: 1,
      removeOnComplete: KEEP,
      removeOnFail: KEEP,
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

  async process(concurrency: number, handler: JobHandler<T>): Promise<void> {
    // Bull's promise lasts as long as the queue does.
    this.#queue
      .process(concurrency, (job) => this.#handle(job, handler))
      .catch((error: unknown) => this.#report(error));
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    // Not paused, a worker that hands its jobs over would be given them again. Without Redis nothing is given out anyway.
    await this.#queue.pause(true, true).catch((error: unknown) => this.#report(error));
    for (const run of this.#running.values()) run.controller.abort();
    await Promise.allSettled([...this.#running.values()].map((run) => run.done));
    await this.#queue.close().catch((error: unknown) => this.#report(error));
  }

  async #handle(job: Bull.Job<T>, handler: JobHandler<T>): Promise<void> {
    const id = String(job.id);
    let run = this.#running.get(id);
    if (run === undefined) {
      const controller = new AbortController();
      if (this.#closing.signal.aborted) controller.abort();
      const done = Promise.resolve().then(() => handler(job.data, controller.signal));
      run = { done, controller, holders: 0 };
      this.#running.set(id, run);
    }
    run.holders++;
    const watch = this.#watchLock(job, run.controller);
    try {
      await run.done;
    } catch (error) {
      if (run.controller.signal.aborted) {
        this.#logger.info({ job: id }, 'job was handed over before its end');
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

  /** Bull stops to renew a lock that it has lost, and says nothing. */
  #watchLock(job: Bull.Job<T>, controller: AbortController): NodeJS.Timeout {
    const check = async (): Promise<void> => {
      const kept: unknown = await this.#extend(job);
      if (kept === 1 || kept === '1') return;
      const taken: unknown = await job.takeLock();
      if (taken !== false && taken !== 0) return;
      // It may have ended in the meantime, and its lock with it.
      if (!this.#running.has(String(job.id)) || controller.signal.aborted) return;
      this.#logger.warn({ job: job.id }, 'another worker has taken this job over; ours is aborted');
      controller.abort();
    };
    return setInterval(() => {
      check().catch((error: unknown) => this.#report(error));
    }, this.#lockMs / 3);
  }

  #extend(job: Bull.Job<T>): Promise<unknown> {
    return job.extendLock(this.#lockMs);
  }

  /** Redis away makes an error for each command of each worker: one line for each kind of it. */
  #report(error: unknown): void {
    const text = describeError(error);
    if (text === this.#lastError) return;
    this.#lastError = text;
    this.#logger.error({}, `job queue: ${text}`);
  }
}

function unavailable(id: string, why: string, cause?: unknown): AppError {
  return new AppError(`job ${id}: ${why}`, { code: 'queue-unavailable', status: 503, cause });
}
