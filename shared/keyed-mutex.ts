import { Mutex } from 'async-mutex';

/** A mutex for each key: work on one thing is done one after the other, and work on different things does not wait. */
export class KeyedMutex {
  readonly #mutexes = new Map<string, Mutex>();

  /**
   * Does work when all earlier work of the same key has ended, however that went.
   *
   * @returns what the work gives
   * @throws what the work throws
   */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    let mutex = this.#mutexes.get(key);
    if (mutex === undefined) {
      mutex = new Mutex();
      this.#mutexes.set(key, mutex);
    }
    try {
      return await mutex.runExclusive(work);
    } finally {
      // Locked again by now when somebody waits for it.
      if (!mutex.isLocked() && this.#mutexes.get(key) === mutex) this.#mutexes.delete(key);
    }
  }

  /** How many keys are worked on. */
  get size(): number {
    return this.#mutexes.size;
  }
}
