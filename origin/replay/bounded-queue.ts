import { Semaphore } from 'async-mutex';

/** Runs some work at once, queues some more, and refuses what is beyond that. */
export class BoundedQueue {
  readonly #places: Semaphore;
  readonly #atMost: number;
  #count = 0;

  /**
   * @param atOnce how many run at once; 1 or more
   * @param atMost those that run and those that wait, together
   */
  constructor(atOnce: number, atMost: number) {
    this.#places = new Semaphore(atOnce);
    this.#atMost = atMost;
  }

  /**
   * Runs work as soon as there is a place.
   *
   * @returns what it gives; null at once when too many wait already
   */
  tryRun<T>(work: () => Promise<T>): Promise<T> | null {
    if (this.#count >= this.#atMost) return null;
    this.#count += 1;
    return this.#places.runExclusive(work).finally(() => {
      this.#count -= 1;
    });
  }
}
