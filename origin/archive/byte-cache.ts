/**
 * Bytes that were read from the store, by name: bounded in size, and read once however many ask at the same time.
 *
 * A read that fails is forgotten at once; the next who asks tries again.
 */
export class ByteCache {
  readonly #maxBytes: number;
  readonly #kept = new Map<string, Buffer>();
  readonly #reading = new Map<string, Promise<Buffer | null>>();
  #sizeBytes = 0;
  #hits = 0;
  #reads = 0;

  /** @param maxBytes what is kept at most; a read that is larger is handed on and not kept */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How often bytes were there, or on their way, and how often they had to be read. */
  get counts(): { readonly hits: number; readonly reads: number } {
    return { hits: this.#hits, reads: this.#reads };
  }

  /** What is kept, in bytes. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /**
   * The bytes of a name.
   *
   * @param read called where they are not there; null when there are none, which is not kept
   * @returns shared with all who ask: not to be written to
   */
  async get(name: string, read: () => Promise<Buffer | null>): Promise<Buffer | null> {
    const kept = this.#kept.get(name);
    if (kept !== undefined) {
      this.#hits += 1;
      // To the end of the line: what was not asked for longest goes first.
      this.#kept.delete(name);
      this.#kept.set(name, kept);
      return kept;
    }
    const reading = this.#reading.get(name);
    if (reading !== undefined) {
      this.#hits += 1;
      return reading;
    }
    this.#reads += 1;
    const started = read();
    this.#reading.set(name, started);
    try {
      const bytes = await started;
      if (bytes !== null) this.#keep(name, bytes);
      return bytes;
    } finally {
      this.#reading.delete(name);
    }
  }

  /** Forgets a name. */
  forget(name: string): void {
    const kept = this.#kept.get(name);
    if (kept === undefined) return;
    this.#kept.delete(name);
    this.#sizeBytes -= kept.length;
  }

  #keep(name: string, bytes: Buffer): void {
    if (bytes.length > this.#maxBytes) return;
    this.#kept.set(name, bytes);
    this.#sizeBytes += bytes.length;
    for (const [oldest, { length }] of this.#kept) {
      if (this.#sizeBytes <= this.#maxBytes) break;
      this.#kept.delete(oldest);
      this.#sizeBytes -= length;
    }
  }
}
