/** Waits before what has failed is tried again, milliseconds: twice as long each time. */
const [FIRST_MS, LONGEST_MS] = [2000, 300_000];

/** Tells when what has failed is to be tried again: each thing by itself. */
export class RetrySchedule {
  readonly #nowMs: () => number;
  readonly #failed = new Map<string, { readonly waitMs: number; readonly atMs: number }>();

  /** @param nowMs the time, UTC milliseconds */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Whether something is to be tried: it has not failed, or long enough ago. A clock that was set back is no reason to wait. */
  isDue(name: string): boolean {
    const failed = this.#failed.get(name);
    return failed === undefined || Math.abs(this.#nowMs() - failed.atMs) >= failed.waitMs;
  }

  /** Notes that something has failed, once more. */
  failed(name: string): void {
    const before = this.#failed.get(name)?.waitMs ?? FIRST_MS / 2;
    this.#failed.set(name, { waitMs: Math.min(2 * before, LONGEST_MS), atMs: this.#nowMs() });
  }

  /** Forgets something: it is done, or nobody wants it any more. */
  forget(name: string): void {
    this.#failed.delete(name);
  }
}
