/** Runs one job. It resolves when the job is done and rejects when it failed permanently. */
export type JobHandler<T> = (job: T, signal: AbortSignal) => Promise<void>;

/** When a worker takes the next job. */
export type JobIntake<T> = {
  /** Most jobs that run at the same time. */
  readonly atMost: number;
  /**
   * How long a job is left to workers that have more room before this one takes it, milliseconds. 0: it is taken at once. Asked
   * again and again, because room comes and goes.
   *
   * @param job the job that comes next; null when the answer has to hold for any job
   */
  patienceMs(job: T | null): number;
};

/**
 * Delivers jobs from one role to another, at least once: a handler may get the same job twice and must make sure that it
 * runs once.
 *
 * One contract test covers every implementation (test/transcode/job-queue.contract.ts).
 */
export type JobQueue<T> = {
  /**
   * Adds a job.
   *
   * @param id a job with a known id is not added again
   * @throws {AppError} `queue-unavailable` when the queue cannot be reached
   */
  add(id: string, job: T): Promise<void>;
  /**
   * Begins to take jobs as `intake` allows; of those that wait, the one with the highest priority first. To be called once.
   *
   * @param handler gets a signal that is aborted when the queue closes
   */
  process(intake: JobIntake<T>, handler: JobHandler<T>): Promise<void>;
  /** How many jobs wait for a worker. 0 where that cannot be found out. */
  waiting(): Promise<number>;
  /** The reason why jobs cannot be delivered now, without secrets; null when they can. */
  notReady(): string | null;
  /** Stops taking jobs, aborts those in progress, and resolves when their handlers are done. */
  close(): Promise<void>;
};
