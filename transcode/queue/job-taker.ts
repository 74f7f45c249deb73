import type { JobIntake } from '../../shared/job-queue.ts';
import { Patience } from './patience.ts';

/** The queue, as a {@link JobTaker} sees it. */
export type TakerOptions<T> = {
  readonly intake: JobIntake<T>;
  /** Jobs that run now. */
  running(): number;
  /** The job that comes next, not taken; null when none waits. */
  first(): Promise<{ readonly id: string; readonly job: T } | null>;
  /** Takes the next job and starts it. May wait some seconds for one, and resolves without one too. */
  take(): Promise<void>;
  onError(error: unknown): void;
};

/** After an error the queue is asked again after so many milliseconds. */
const RETRY_MS = 500;

/**
 * Asks a queue for jobs, one after the other, while its worker has room for another. A worker without room leaves each job to
 * others for a moment, and then takes it all the same: no class is off the air for lack of an encoder.
 */
export class JobTaker<T> {
  readonly #options: TakerOptions<T>;
  readonly #patience = new Patience();
  #isOver = false;
  #wake: () => void = () => {};

  constructor(options: TakerOptions<T>) {
    this.#options = options;
  }

  /** Takes jobs until {@link stop}. Never rejects. */
  async run(): Promise<void> {
    while (!this.#isOver) {
      try {
        await this.#step();
      } catch (error) {
        if (this.#isOver) return;
        this.#options.onError(error);
        await this.#wait(RETRY_MS);
      }
    }
  }

  /** Looks again now: a job ended, or there is more room for another reason. */
  wake(): void {
    this.#wake();
  }

  /** Takes no more jobs; one that {@link TakerOptions.take} is about to get is still started. */
  stop(): void {
    this.#isOver = true;
    this.#wake();
  }

  async #step(): Promise<void> {
    const { intake } = this.#options;
    if (this.#options.running() >= intake.atMost) return this.#wait(null);
    if (intake.patienceMs(null) > 0) {
      const first = await this.#options.first();
      const patienceMs = first === null ? 0 : intake.patienceMs(first.job);
      const next = this.#patience.step(first, patienceMs, performance.now());
      if (next.kind === 'look') return this.#wait(next.afterMs);
    }
    if (!this.#isOver) await this.#options.take();
  }

  /** @param ms null: until {@link wake} */
  #wait(ms: number | null): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = ms === null ? undefined : setTimeout(() => this.#wake(), ms);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve();
      };
    });
  }
}
