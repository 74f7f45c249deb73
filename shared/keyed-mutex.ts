import { Mutex } from 'async-mutex';

/** A mutex for each key: work of one key runs one after the other; different keys do not wait for each other. */
export class KeyedMutex {
  readonly #mutexes = new Map<string, Mutex>();

  /**
   * Runs work when all earlier work of the same key has ended, successfully or not.
   *
   * @returns the result of the work
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
      // The mutex is locked again when other work waits for it.
      if (!mutex.isLocked() && this.#mutexes.get(key) === mutex) this.#mutexes.delete(key);
    }
  }

  /** Number of keys with work. */
  get size(): number {
    return this.#mutexes.size;
  }
}
