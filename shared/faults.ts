/** Time during which a fault is reported after it was last seen, in milliseconds. */
const SHOWN_MS = 10_000;

/**
 * The faults of one component that can be observed when they occur, but not queried: each counts as current until it has
 * not been seen for a while.
 */
export class Faults {
  readonly #steadyMs: () => number;
  readonly #shownMs: number;
  /** By text, with the time at which each was last seen; the newest last. */
  readonly #seenMs = new Map<string, number>();
  #lasting: string | null = null;

  /**
   * @param steadyMs milliseconds of a monotonic clock
   * @param shownMs how long a fault is reported after it was last seen, milliseconds; longer than it takes to recur
   */
  constructor(steadyMs: () => number = () => performance.now(), shownMs = SHOWN_MS) {
    this.#steadyMs = steadyMs;
    this.#shownMs = shownMs;
  }

  /**
   * Notes a fault.
   *
   * @param reason in words, without secrets
   * @returns whether it is new, and should be logged
   */
  add(reason: string): boolean {
    this.#expire();
    const isNew = !this.#seenMs.delete(reason);
    this.#seenMs.set(reason, this.#steadyMs());
    return isNew;
  }

  /** Notes a fault that only a restart repairs. */
  addLasting(reason: string): void {
    this.#lasting ??= reason;
  }

  /** The text of the newest current fault; null for none. */
  current(): string | null {
    this.#expire();
    return this.#lasting ?? [...this.#seenMs.keys()].at(-1) ?? null;
  }

  #expire(): void {
    const nowMs = this.#steadyMs();
    for (const [reason, seenMs] of this.#seenMs) {
      if (nowMs - seenMs >= this.#shownMs) this.#seenMs.delete(reason);
    }
  }
}
