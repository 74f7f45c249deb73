import { AppError, describeError } from '../../shared/errors.ts';
import type { JobHandler, JobQueue } from '../../shared/job-queue.ts';
import type { Logger } from '../../shared/logger.ts';

/** How many ids are remembered, so that a job is not added a second time. */
const KNOWN_IDS = 10_000;

/** A queue inside one process: `lectern up` uses it when no Redis is configured. Its jobs end with the process. */
export class InProcessQueue<T> implements JobQueue<T> {
  readonly #logger: Logger;
  readonly #known = new Set<string>();
  readonly #waiting: { readonly id: string; readonly job: T }[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #handler: JobHandler<T> | null = null;
  #concurrency = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  async add(id: string, job: T): Promise<void> {
    if (this.#closing.signal.aborted) {
      throw new AppError(`job ${id}: the queue is closed`, { code: 'queue-unavailable', status: 503 });
    }
    if (this.#known.has(id)) return;
    this.#known.add(id);
    if (this.#known.size > KNOWN_IDS) {
      const [oldest] = this.#known;
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    this.#waiting.push({ id, job });
    this.#next();
    if (this.#handler !== null && this.#waiting.length > 0) {
      this.#logger.warn(
        { job: id, running: this.#running.size, waiting: this.#waiting.length },
        `the job waits: as many jobs run as jobsAtOnce allows (${this.#concurrency})`,
      );
    }
  }

  async process(concurrency: number, handler: JobHandler<T>): Promise<void> {
    this.#concurrency = concurrency;
    this.#handler = handler;
    this.#next();
  }

  notReady(): string | null {
    return this.#closing.signal.aborted ? 'the job queue is closed' : null;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#waiting.length = 0;
    await Promise.all(this.#running);
  }

  #next(): void {
    const handler = this.#handler;
    if (handler === null) return;
    while (this.#running.size < this.#concurrency && !this.#closing.signal.aborted) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      const run = Promise.resolve()
        .then(() => handler(next.job, this.#closing.signal))
        .catch((error: unknown) => this.#logger.warn({ job: next.id }, `job failed: ${describeError(error)}`))
        .then(() => {
          this.#running.delete(run);
          this.#next();
        });
      this.#running.add(run);
    }
  }
}
