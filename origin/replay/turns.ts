/** Lets so much be done at once, so much more wait for its turn, and no more than that. */
export class Turns {
  readonly #atOnce: number;
  readonly #atMost: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /**
   * @param atOnce how many are done at once; 1 or more
   * @param atMost those and all that wait, together
   */
  constructor(atOnce: number, atMost: number) {
    this.#atOnce = atOnce;
    this.#atMost = atMost;
  }

  /**
   * Does something when its turn comes.
   *
   * @returns what it gives; null at once where too many wait already
   */
  take<T>(work: () => Promise<T>): Promise<T> | null {
    if (this.#running + this.#waiting.length >= this.#atMost) return null;
    return this.#inTurn(work);
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#atOnce) {
      // Whoever is done hands its place on.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
