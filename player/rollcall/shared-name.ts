/** A name that is written is looked up when nothing was written for so long, milliseconds. */
const QUIET_MS = 500;

/** What a look-up needs. */
export type SharedNameOptions = {
  /** Whether several on the class list have a name; rejects nowhere. */
  readonly isShared: (name: string) => Promise<boolean>;
  /** Calls a function later, after milliseconds; the function it returns cancels that. */
  readonly later: (run: () => void, delayMs: number) => () => void;
};

/**
 * Finds out, while a guest writes her name, whether several on the class list have it: she is asked which of them she is before her
 * first answer is sent, since that one counts. No answer waits for this: what is not known by then is not asked.
 */
export class SharedName {
  readonly #options: SharedNameOptions;
  readonly #shared = new Set<string>();
  /** She has been asked, and answers under this name all the same. */
  readonly #asked = new Set<string>();
  #cancel: () => void = () => {};

  constructor(options: SharedNameOptions) {
    this.#options = options;
  }

  /** Her name as it is written now; null while it is none. */
  written(name: string | null): void {
    this.#cancel();
    if (name === null || this.#shared.has(name)) return;
    this.#cancel = this.#options.later(() => void this.#lookUp(name), QUIET_MS);
  }

  /** Whether she is to be asked before an answer under this name is sent: once for each name. */
  mustAsk(name: string): boolean {
    if (!this.#shared.has(name) || this.#asked.has(name)) return false;
    this.#asked.add(name);
    return true;
  }

  async #lookUp(name: string): Promise<void> {
    if (await this.#options.isShared(name)) this.#shared.add(name);
  }
}
