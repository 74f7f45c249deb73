/** Runs one job. It resolves when the job is done and rejects when it failed permanently. */
export type JobHandler<T> = (job: T, signal: AbortSignal) => Promise<void>;

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
   * Begins to take jobs, at most `concurrency` at the same time. To be called once.
   *
   * @param handler gets a signal that is aborted when the queue closes
   */
  process(concurrency: number, handler: JobHandler<T>): Promise<void>;
  /** The reason why jobs cannot be delivered now, without secrets; null when they can. */
  notReady(): string | null;
  /** Stops taking jobs, aborts those in progress, and resolves when their handlers are done. */
  close(): Promise<void>;
};
