/** Runs `work` later, as setTimeout does; the result cancels it. */
export type Later = (work: () => void, milliseconds: number) => () => void;

/** {@link Later} by the browser's own timers. */
export const browserLater: Later = (work, milliseconds) => {
  const timer = setTimeout(work, milliseconds);
  return () => clearTimeout(timer);
};

/** Timers by name: one that is set again replaces the one before. */
export class NamedTimers<Name extends string> {
  readonly #later: Later;
  readonly #cancels = new Map<Name, () => void>();

  constructor(later: Later) {
    this.#later = later;
  }

  /** Runs `work` after some milliseconds. */
  set(name: Name, milliseconds: number, work: () => void): void {
    this.clear(name);
    this.#cancels.set(name, this.#later(work, milliseconds));
  }

  /** Cancels timers; those that have run or were never set do not matter. */
  clear(...names: readonly Name[]): void {
    for (const name of names) this.#cancels.get(name)?.();
  }
}
