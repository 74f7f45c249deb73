/** Bounds of the delay after which a refused client may come back, seconds. */
const RETRY_MAX_S = 30;
/** A crowd takes some seconds to arrive: a client that came back amid it would be refused again. */
const RETRY_MIN_S = 5;
/** Share of the rate that is reserved for clients coming back at the time they were told; new clients get the rest. */
const RETRY_SHARE = 0.5;

/**
 * Limits how many clients are accepted a second, after a burst of one second's worth. A refused client is told when to come
 * back. Those times are spread at half the rate, so returning clients neither arrive as one crowd nor compete with new ones
 * (generic cell rate algorithm, ITU-T I.371 §A.1, with a second queue).
 */
export class Admission {
  readonly #intervalMs: number;
  readonly #burstMs: number;
  /** When the next client would arrive if all came evenly spaced; steady milliseconds. */
  #nextDueMs = Number.NEGATIVE_INFINITY;
  /** When the most recently refused client is to come back; steady milliseconds. */
  #lastRetryMs = Number.NEGATIVE_INFINITY;

  /** @param perSecond above 0 */
  constructor(perSecond: number) {
    this.#intervalMs = 1000 / perSecond;
    this.#burstMs = Math.max(1000, this.#intervalMs);
  }

  /**
   * Asks to admit one client.
   *
   * @param steadyMs monotonic milliseconds
   * @returns null when admitted; else after how many whole seconds to come back, 5 to 30
   */
  ask(steadyMs: number): number | null {
    const dueMs = Math.max(this.#nextDueMs, steadyMs);
    if (dueMs - steadyMs <= this.#burstMs - this.#intervalMs) {
      this.#nextDueMs = dueMs + this.#intervalMs;
      return null;
    }
    const latestMs = steadyMs + RETRY_MAX_S * 1000;
    const earliestMs = steadyMs + (RETRY_MIN_S - 1) * 1000;
    this.#lastRetryMs =
      Math.max(Math.min(this.#lastRetryMs, latestMs), earliestMs) + this.#intervalMs / RETRY_SHARE;
    return Math.min(RETRY_MAX_S, Math.ceil((this.#lastRetryMs - steadyMs) / 1000));
  }
}
