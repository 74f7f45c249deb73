/** A map of bounded size: when it is full, what was set longest ago goes. Setting a key anew makes it the newest. */
export class RecentMap<K, V> extends Map<K, V> {
  readonly #maxSize: number;

  /** @param maxSize how many entries are kept at most */
  constructor(maxSize: number) {
    super();
    this.#maxSize = maxSize;
  }

  override set(key: K, value: V): this {
    this.delete(key);
    super.set(key, value);
    if (this.size > this.#maxSize) {
      const [oldest] = this.keys();
      if (oldest !== undefined) this.delete(oldest);
    }
    return this;
  }
}
