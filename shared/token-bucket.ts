import { LRUCache } from 'lru-cache';

/** How much a {@link TokenBucket} gives. */
export type BucketLimits = {
  /** Most that may be taken at once. */
  readonly capacity: number;
  /** What is added each second, up to the capacity. */
  readonly perSecond: number;
  /** What is in it at first; the capacity when left out. */
  readonly initial?: number;
};

const HAIR = 1e-6;

/** A limit that lets a burst through, and a rate after it. */
export class TokenBucket {
  readonly #limits: BucketLimits;
  #left: number;
  #atMs: number;

  /** @param steadyMs monotonic milliseconds */
  constructor(limits: BucketLimits, steadyMs: number) {
    this.#limits = limits;
    this.#left = limits.initial ?? limits.capacity;
    this.#atMs = steadyMs;
  }

  /**
   * Takes one.
   *
   * @param steadyMs monotonic milliseconds
   * @returns 0 when it was there; else in how many milliseconds it will be, and nothing is taken
   */
  take(steadyMs: number): number {
    const { capacity, perSecond } = this.#limits;
    const elapsedS = Math.max(0, steadyMs - this.#atMs) / 1000;
    this.#atMs = Math.max(this.#atMs, steadyMs);
    this.#left = Math.min(capacity, this.#left + elapsedS * perSecond);
    // Sums of fractions miss a whole number by a hair.
    if (this.#left >= 1 - HAIR) {
      this.#left = Math.max(0, this.#left - 1);
      return 0;
    }
    return Math.ceil(((1 - this.#left) / perSecond) * 1000 - HAIR);
  }
}

/** A bucket for each key, of which those used last are remembered. */
export class KeyedBuckets {
  readonly #limits: BucketLimits;
  readonly #buckets: LRUCache<string, TokenBucket>;

  /** @param keys how many are remembered; one that comes back after so many others is new */
  constructor(limits: BucketLimits, keys = 20_000) {
    this.#limits = limits;
    this.#buckets = new LRUCache({ max: keys });
  }

  /** Begins the bucket of a key, where there is none yet. */
  begin(key: string, steadyMs: number): void {
    this.#of(key, steadyMs);
  }

  /** Takes one of a key's, see {@link TokenBucket.take}. */
  take(key: string, steadyMs: number): number {
    return this.#of(key, steadyMs).take(steadyMs);
  }

  #of(key: string, steadyMs: number): TokenBucket {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#limits, steadyMs);
      this.#buckets.set(key, bucket);
    }
    return bucket;
  }
}
