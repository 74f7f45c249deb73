import { Semaphore } from 'async-mutex';

/** Runs a limited number of tasks concurrently, queues a limited number, and rejects the others. */
export class BoundedQueue {
  readonly #places: Semaphore;
  readonly #atMost: number;
  #count = 0;

  /**
   * @param atOnce how many run at the same time; 1 or more
   * @param atMost how many run and wait, together
   */
  constructor(atOnce: number, atMost: number) {
    this.#places = new Semaphore(atOnce);
    this.#atMost = atMost;
  }

  /**
   * Runs work as soon as a slot is free.
   *
   * @returns its result; null at once when the queue is full
   */
  tryRun<T>(work: () => Promise<T>): Promise<T> | null {
    if (this.#count >= this.#atMost) return null;
    this.#count += 1;
    return this.#places.runExclusive(work).finally(() => {
      this.#count -= 1;
    });
  }
}
