import { restartDelayMs } from '../backoff.ts';

/** The failures of a broadcast's encoders, and the restarts that wait for their time. */
export class EncoderRestarts {
  readonly #failuresMs: number[] = [];
  readonly #timers = new Map<string, NodeJS.Timeout>();

  /** Failures so far. */
  get failures(): number {
    return this.#failuresMs.length;
  }

  /** Whether a restart waits. */
  get isPending(): boolean {
    return this.#timers.size > 0;
  }

  /**
   * Counts a failure.
   *
   * @param nowMs monotonic, milliseconds
   * @returns milliseconds to wait before a restart; null when it failed too often
   */
  fail(nowMs: number): number | null {
    this.#failuresMs.push(nowMs);
    return restartDelayMs(this.#failuresMs);
  }

  /** Calls back after a delay; a restart of the same key that waits is replaced. */
  schedule(key: string, delayMs: number, restart: () => void): void {
    clearTimeout(this.#timers.get(key));
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      restart();
    }, delayMs);
    this.#timers.set(key, timer);
  }

  /** Forgets the restarts that wait. */
  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
