/** How far media times may step against the clock before everything learned is thrown away, in milliseconds. */
const STEP_MS = 10_000;
/** How long an arrival is remembered, in milliseconds. */
const MEMORY_MS = 20_000;

type Arrival = { readonly atMs: number; readonly latenessMs: number };

/**
 * Learns when parts land.
 *
 * The lateness of a landing is the clock minus the media time at which the buffer ended before it: how long the playhead
 * would have had to lag behind the clock to reach that media time just then. It does not depend on where the playhead is
 * or how fast it goes, so it stays valid over seeks and changes of speed.
 */
export class LatenessTracker {
  readonly #partTargetMs: number;
  #arrivals: Arrival[] = [];
  #bufferEndMs: number | null = null;
  #landedAtMs = Number.NEGATIVE_INFINITY;

  /** @param partTargetMs part target duration, in milliseconds */
  constructor(partTargetMs: number) {
    this.#partTargetMs = partTargetMs;
  }

  /**
   * Takes the buffer's end as it is now.
   *
   * @param nowMs a clock that never steps back, in milliseconds
   * @param bufferEndMs media time of the end of the range that the playhead is in, in milliseconds
   */
  observe(nowMs: number, bufferEndMs: number): void {
    const before = this.#bufferEndMs;
    if (before === null || bufferEndMs < before) {
      this.#bufferEndMs = bufferEndMs;
      return;
    }
    // Sound and picture land one after the other: less than half a part is not yet a landing.
    if (bufferEndMs - before < this.#partTargetMs / 2) return;
    this.#bufferEndMs = bufferEndMs;
    const sinceMs = nowMs - this.#landedAtMs;
    this.#landedAtMs = nowMs;
    // What comes on the heels of a landing was held up with it, or was there before we asked: it says nothing of its own.
    if (sinceMs < this.#partTargetMs * 0.4) return;
    const latenessMs = nowMs - before;
    const median = this.#rank(0.5);
    if (median !== null && Math.abs(latenessMs - median) > STEP_MS) this.#arrivals = [];
    this.#arrivals.push({ atMs: nowMs, latenessMs });
    this.#arrivals = this.#arrivals.filter((arrival) => nowMs - arrival.atMs <= MEMORY_MS);
  }

  /**
   * Lateness that nearly all landings of the last 20 s kept to: the second highest, so that one lost packet does not
   * count as jitter, and never more than `maxJitterMs` above the median.
   *
   * @returns milliseconds, or null before the first landing
   */
  highMs(maxJitterMs: number): number | null {
    const median = this.#rank(0.5);
    if (median === null) return null;
    const sorted = this.#sorted();
    const high = sorted.at(sorted.length >= 5 ? -2 : -1) ?? median;
    return Math.min(high, median + maxJitterMs);
  }

  /** Spread between an ordinary landing and {@link highMs}, in milliseconds; 0 before the first landing. */
  jitterMs(maxJitterMs: number): number {
    return (this.highMs(maxJitterMs) ?? 0) - (this.#rank(0.5) ?? 0);
  }

  /** How many landings are remembered. */
  count(): number {
    return this.#arrivals.length;
  }

  /** Forgets what was learned, but not where the buffer ends. */
  forgetArrivals(): void {
    this.#arrivals = [];
  }

  /** Forgets everything: the media timeline is a new one. */
  reset(): void {
    this.#arrivals = [];
    this.#bufferEndMs = null;
    this.#landedAtMs = Number.NEGATIVE_INFINITY;
  }

  #sorted(): number[] {
    return this.#arrivals.map((arrival) => arrival.latenessMs).sort((a, b) => a - b);
  }

  #rank(share: number): number | null {
    const sorted = this.#sorted();
    return sorted[Math.floor((sorted.length - 1) * share)] ?? null;
  }
}
