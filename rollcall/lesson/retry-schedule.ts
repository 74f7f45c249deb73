/** Delay before the first retry; it doubles with each failure, up to the longest; milliseconds. */
const FIRST_DELAY_MS = 2000;
const LONGEST_DELAY_MS = 300_000;

/** Tells when failed work is to be tried again: exponential back-off for each name. */
export class RetrySchedule {
  readonly #nowMs: () => number;
  readonly #failures = new Map<string, { readonly delayMs: number; readonly failedMs: number }>();

  /** @param nowMs UTC milliseconds */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Whether work is due: it has not failed, or its delay has passed. A clock that is set back ends the delay. */
  isDue(name: string): boolean {
    const failure = this.#failures.get(name);
    return failure === undefined || Math.abs(this.#nowMs() - failure.failedMs) >= failure.delayMs;
  }

  /** Records a failure. */
  failed(name: string): void {
    const beforeMs = this.#failures.get(name)?.delayMs ?? FIRST_DELAY_MS / 2;
    this.#failures.set(name, { delayMs: Math.min(2 * beforeMs, LONGEST_DELAY_MS), failedMs: this.#nowMs() });
  }

  /** Forgets the failures of work that is done or no longer wanted. */
  forget(name: string): void {
    this.#failures.delete(name);
  }
}
