/** One media file that was loaded. */
export type Transfer = {
  /** When its last byte arrived, in milliseconds of a clock that never goes back. */
  readonly atMs: number;
  readonly sizeBytes: number;
  /** From the request to the first byte, in milliseconds. */
  readonly firstByteMs: number;
  /** From the first byte to the last, in milliseconds. */
  readonly bodyMs: number;
  /** The server held the response until the part existed: then the wait for the first byte measures nothing. */
  readonly awaited: boolean;
};

const MEMORY_MS = 12_000;
const RECENT_MS = 3000;
/** Clocks and event loops are no finer than this; without it one small part would measure gigabits. */
const LEAST_MS = 2;

/**
 * Estimates the bit rate of the network from parts that are a few kilobytes each.
 *
 * hls.js takes the time from request to append and allows no sample below 50 ms, so that a 0.2 s part can never show more
 * than four times its own bit rate. Here the times of many parts are added up instead, and of the wait for the first byte
 * only what exceeds the round trip counts.
 */
export class BandwidthEstimator {
  #transfers: { atMs: number; bits: number; costMs: number }[] = [];
  #roundTripMs = Number.POSITIVE_INFINITY;

  /** Adds a transfer to the estimate. */
  add(transfer: Transfer): void {
    if (!transfer.awaited) this.#roundTripMs = Math.min(this.#roundTripMs, transfer.firstByteMs);
    const waitMs = transfer.awaited ? 0 : transfer.firstByteMs - this.#roundTripMs;
    this.#transfers.push({
      atMs: transfer.atMs,
      bits: transfer.sizeBytes * 8,
      costMs: Math.max(LEAST_MS, waitMs + transfer.bodyMs),
    });
    this.#transfers = this.#transfers.filter((past) => transfer.atMs - past.atMs <= MEMORY_MS);
  }

  /**
   * The estimate, the lower one of the last 3 and the last 12 seconds.
   *
   * @returns bits a second, or null before there are four transfers
   */
  estimateBps(nowMs: number): number | null {
    const all = this.#transfers.filter((past) => nowMs - past.atMs <= MEMORY_MS);
    if (all.length < 4) return null;
    const recent = all.filter((past) => nowMs - past.atMs <= RECENT_MS);
    return Math.min(rateOf(all), recent.length < 4 ? Number.POSITIVE_INFINITY : rateOf(recent));
  }
}

function rateOf(transfers: readonly { bits: number; costMs: number }[]): number {
  const bits = transfers.reduce((sum, past) => sum + past.bits, 0);
  const costMs = transfers.reduce((sum, past) => sum + past.costMs, 0);
  return (bits * 1000) / costMs;
}
