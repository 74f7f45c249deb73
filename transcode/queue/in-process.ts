import { AppError, describeError } from '../../shared/errors.ts';
import type { JobHandler, JobIntake, JobQueue } from '../../shared/job-queue.ts';
import type { Logger } from '../../shared/logger.ts';

/** How many ids are remembered, so that a job is not added a second time. */
const KNOWN_IDS = 10_000;

/**
 * A queue inside one process: `lectern up` uses it when no Redis is configured. Its jobs end with the process. Its worker is the
 * only one, so a job is never left to another.
 */
export class InProcessQueue<T> implements JobQueue<T> {
  readonly #logger: Logger;
  readonly #known = new Set<string>();
  readonly #priorityOf: (job: T) => number;
  /** In the order in which they are taken. */
  readonly #waiting: { readonly id: string; readonly job: T; readonly priority: number }[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #handler: JobHandler<T> | null = null;
  #atMost = 0;

  /** @param priorityOf larger is taken first */
  constructor(logger: Logger, priorityOf: (job: T) => number = () => 0) {
    this.#logger = logger;
    this.#priorityOf = priorityOf;
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
    const priority = this.#priorityOf(job);
    const before = this.#waiting.findIndex((other) => other.priority < priority);
    this.#waiting.splice(before < 0 ? this.#waiting.length : before, 0, { id, job, priority });
    this.#next();
    if (this.#handler !== null && this.#waiting.length > 0) {
      this.#logger.warn(
        { job: id, running: this.#running.size, waiting: this.#waiting.length },
        `the job waits: as many jobs run as jobsAtOnce allows (${this.#atMost})`,
      );
    }
  }

  async process(intake: Pick<JobIntake<T>, 'atMost'>, handler: JobHandler<T>): Promise<void> {
    this.#atMost = intake.atMost;
    this.#handler = handler;
    this.#next();
  }

  async waiting(): Promise<number> {
    return this.#waiting.length;
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
    while (this.#running.size < this.#atMost && !this.#closing.signal.aborted) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      // The handler begins before the next job is looked at: the room that it takes is known by then.
      const run = startNow(() => handler(next.job, this.#closing.signal))
        .catch((error: unknown) => this.#logger.warn({ job: next.id }, `job failed: ${describeError(error)}`))
        .then(() => {
          this.#running.delete(run);
          this.#next();
        });
      this.#running.add(run);
    }
  }
}

/** Calls a function at once; what it throws becomes a rejection. */
async function startNow(start: () => Promise<void>): Promise<void> {
  return start();
}
