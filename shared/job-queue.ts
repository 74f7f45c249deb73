/** What a worker does with one job. It resolves when the job is done and rejects when it failed for good. */
export type JobHandler<T> = (job: T, signal: AbortSignal) => Promise<void>;

/**
 * Hands work from one role to another, at least once: a handler may be given the same job twice and must see to it that
 * it runs once.
 *
 * One contract test covers every implementation (test/transcode/job-queue.contract.ts).
 */
export type JobQueue<T> = {
  /**
   * Adds a job.
   *
   * @param id jobs with an id that is known already are not added again
   * @throws {AppError} `queue-unavailable` when the queue cannot be reached
   */
  add(id: string, job: T): Promise<void>;
  /**
   * Begins to take jobs, at most `concurrency` at once. To be called once.
   *
   * @param handler gets a signal that is aborted when the queue closes
   */
  process(concurrency: number, handler: JobHandler<T>): Promise<void>;
  /** Why jobs cannot be handed over now, in words and without secrets; null when they can. */
  notReady(): string | null;
  /** Stops taking jobs, aborts those under way, and resolves when their handlers are done. */
  close(): Promise<void>;
};
