/** A value, and the version that its source gave it. */
export type Versioned<T> = { readonly version: string; readonly value: T };

/** Reads a value. It is given the cached one, and returns that where its version is still the present one. */
export type Read<T> = (cached: Versioned<T> | null) => Promise<Versioned<T>>;

type Entry<T> = { cached: Versioned<T> | null; readMs: number; reading: Promise<T> | null };

/** Caches values for some milliseconds, and reads each once however many ask for it at the same time. */
export class RevalidatingCache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #freshMs: number;
  readonly #nowMs: () => number;

  /**
   * @param freshMs how long a value is used without asking for its version, milliseconds
   * @param nowMs UTC milliseconds
   */
  constructor(freshMs: number, nowMs: () => number) {
    this.#freshMs = freshMs;
    this.#nowMs = nowMs;
  }

  /**
   * Gives a value, from the cache while it is fresh.
   *
   * @throws what `read` throws
   */
  async get(name: string, read: Read<T>): Promise<T> {
    let entry = this.#entries.get(name);
    if (entry === undefined) {
      entry = { cached: null, readMs: Number.NEGATIVE_INFINITY, reading: null };
      this.#entries.set(name, entry);
    }
    const isFresh = Math.abs(this.#nowMs() - entry.readMs) < this.#freshMs;
    if (entry.cached !== null && isFresh) return entry.cached.value;
    entry.reading ??= this.#read(entry, read);
    return entry.reading;
  }

  /** Has a value read again: who asks after this does not receive the result of a read that began before. */
  invalidate(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#entries.set(name, { cached: entry.cached, readMs: Number.NEGATIVE_INFINITY, reading: null });
  }

  async #read(entry: Entry<T>, read: Read<T>): Promise<T> {
    try {
      entry.cached = await read(entry.cached);
      entry.readMs = this.#nowMs();
      return entry.cached.value;
    } finally {
      entry.reading = null;
    }
  }
}
