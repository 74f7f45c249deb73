/** What is kept for a name: the value, and the version that the place gave it. */
export type Versioned<T> = { readonly version: string; readonly value: T };

type Entry<T> = { kept: Versioned<T> | null; atMs: number; asking: Promise<T> | null };

/**
 * Keeps for some milliseconds what was read, and asks once however many want it. What is asked again need not be read again:
 * whoever reads is given what was kept.
 */
export class RevalidatingCache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #freshMs: number;
  readonly #nowMs: () => number;

  /** @param freshMs how long something is not asked for again, milliseconds */
  constructor(freshMs: number, nowMs: () => number) {
    this.#freshMs = freshMs;
    this.#nowMs = nowMs;
  }

  /**
   * Gives what is kept while it is fresh.
   *
   * @param read reads it; it is given what was kept, and gives that back where it is the same still
   * @throws what `read` throws
   */
  async get(name: string, read: (kept: Versioned<T> | null) => Promise<Versioned<T>>): Promise<T> {
    let entry = this.#entries.get(name);
    if (entry === undefined) {
      entry = { kept: null, atMs: Number.NEGATIVE_INFINITY, asking: null };
      this.#entries.set(name, entry);
    }
    if (entry.kept !== null && Math.abs(this.#nowMs() - entry.atMs) < this.#freshMs) return entry.kept.value;
    entry.asking ??= this.#ask(entry, read);
    return entry.asking;
  }

  /** Has something asked for anew: who asks after this does not get what was on its way before. */
  outdate(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#entries.set(name, { kept: entry.kept, atMs: Number.NEGATIVE_INFINITY, asking: null });
  }

  async #ask(entry: Entry<T>, read: (kept: Versioned<T> | null) => Promise<Versioned<T>>): Promise<T> {
    try {
      entry.kept = await read(entry.kept);
      entry.atMs = this.#nowMs();
      return entry.kept.value;
    } finally {
      entry.asking = null;
    }
  }
}
