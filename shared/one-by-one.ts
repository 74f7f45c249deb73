/** Changes things one by one: a change of a thing begins when the one before it has ended, however that went. */
export class OneByOne {
  /** The newest change of each. */
  readonly #changing = new Map<string, Promise<void>>();

  /**
   * Makes a change when its turn comes. Changes of other things do not wait for it.
   *
   * @param name of the thing
   * @throws what the change throws
   */
  async change(name: string, change: () => Promise<void>): Promise<void> {
    const run = (this.#changing.get(name) ?? Promise.resolve()).then(change);
    const ended = run
      .catch(() => {})
      .finally(() => {
        if (this.#changing.get(name) === ended) this.#changing.delete(name);
      });
    this.#changing.set(name, ended);
    await run;
  }
}
