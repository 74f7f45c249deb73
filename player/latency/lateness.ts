/** When media times step by more than this against the clock, everything learned is discarded, in milliseconds. */
const STEP_MS = 10_000;
/** So many arrivals tell how late the next one may be. */
export const ENOUGH_ARRIVALS = 25;
/** How long an arrival is remembered, in milliseconds, where there are enough in that time: whole segments are few. */
const MEMORY_MS = 20_000;
/** The lateness of this many parts is the usual one. */
const RECENT_PARTS = 15;

type Arrival = { readonly atMs: number; readonly latenessMs: number };

/**
 * Measures when parts arrive.
 *
 * The lateness of an arrival is the clock minus the media time at which the buffer ended before it: how far the playhead
 * would have had to be behind the clock to reach that media time just then. It does not depend on where the playhead is
 * or how fast it moves, so it stays valid over seeks and changes of speed.
 */
export class LatenessTracker {
  readonly #partTargetMs: number;
  readonly #memoryMs: number;
  #arrivals: Arrival[] = [];
  #bufferEndMs: number | null = null;
  /** Where the buffer ended after the last arrival. */
  #landedEndMs: number | null = null;
  #landedAtMs = Number.NEGATIVE_INFINITY;

  /** @param partTargetMs part target duration, in milliseconds */
  constructor(partTargetMs: number) {
    this.#partTargetMs = partTargetMs;
    this.#memoryMs = Math.max(MEMORY_MS, ENOUGH_ARRIVALS * partTargetMs);
  }

  /**
   * Takes the present end of the buffer.
   *
   * @param nowMs a clock that never steps back, in milliseconds
   * @param bufferEndMs media time of the end of the range that the playhead is in, in milliseconds
   */
  observe(nowMs: number, bufferEndMs: number): void {
    const before = this.#bufferEndMs;
    this.#bufferEndMs = bufferEndMs;
    if (before === null || this.#landedEndMs === null || bufferEndMs < before) {
      this.#landedEndMs = bufferEndMs;
      return;
    }
    // Sound and picture are cut at different times and arrive one after the other: a little more is not yet an arrival.
    if (bufferEndMs - this.#landedEndMs < this.#partTargetMs / 2) return;
    this.#landedEndMs = bufferEndMs;
    const sinceMs = nowMs - this.#landedAtMs;
    this.#landedAtMs = nowMs;
    // A part right behind another was delayed with it, or existed before the request: it measures nothing of its own.
    if (sinceMs < this.#partTargetMs * 0.4) return;
    const latenessMs = nowMs - before;
    const usual = this.usualMs();
    if (usual !== null && Math.abs(latenessMs - usual) > STEP_MS) this.#arrivals = [];
    this.#arrivals.push({ atMs: nowMs, latenessMs });
    this.#arrivals = this.#arrivals.filter((arrival) => nowMs - arrival.atMs <= this.#memoryMs);
  }

  /**
   * Lateness that nearly no arrival of the last 20 s (of whole segments, 40 s) exceeded: the second highest, so that one lost
   * packet does not count as jitter. It is never more than `maxJitterMs` above the usual lateness of the last few parts: when an
   * encoder has caught up, its earlier lateness no longer counts.
   *
   * @returns milliseconds, or null before the first arrival
   */
  highMs(maxJitterMs: number): number | null {
    const usual = this.usualMs();
    const sorted = ascending(this.#arrivals);
    const high = sorted.at(sorted.length >= 5 ? -2 : -1);
    return usual === null || high === undefined ? null : Math.min(high, usual + maxJitterMs);
  }

  /** Median lateness of the last few parts, in milliseconds; null before the first arrival. */
  usualMs(): number | null {
    const newest = this.#arrivals.at(-1);
    if (newest === undefined) return null;
    const sinceMs = newest.atMs - RECENT_PARTS * this.#partTargetMs;
    const recent = ascending(this.#arrivals.filter((arrival) => arrival.atMs >= sinceMs));
    return recent[Math.floor((recent.length - 1) / 2)] ?? null;
  }

  /** The least lateness of the same time, in milliseconds; null before the first arrival. */
  leastMs(): number | null {
    return ascending(this.#arrivals)[0] ?? null;
  }

  /** How many arrivals are remembered. */
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
    this.#landedEndMs = null;
    this.#landedAtMs = Number.NEGATIVE_INFINITY;
  }
}

function ascending(arrivals: readonly Arrival[]): number[] {
  return arrivals.map((arrival) => arrival.latenessMs).sort((a, b) => a - b);
}
