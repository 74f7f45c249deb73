/** Longest time that anybody is sent away for, seconds. */
const AWAY_MAX_S = 30;
/** Of what is let in, this share is kept for those who were told to be back; the rest is for who comes unasked. */
const BACK_SHARE = 0.5;

/**
 * Bounds how many come in a second, after a burst of one second's worth. Who is sent away is told when to come back: each one
 * takes a place in a line that is let in at half the rate, so that those who come back when they were told are not one crowd
 * again, and find a place beside those who come unasked (the generic cell rate algorithm, ITU-T I.371 §A.1, with a second line).
 */
export class Admission {
  readonly #everyMs: number;
  readonly #burstMs: number;
  /** When the next one is due, were they to come evenly; UTC milliseconds. */
  #dueMs = Number.NEGATIVE_INFINITY;
  /** When the last one that was sent away is to be back. */
  #backMs = Number.NEGATIVE_INFINITY;

  /** @param perSecond above 0 */
  constructor(perSecond: number) {
    this.#everyMs = 1000 / perSecond;
    this.#burstMs = Math.max(1000, this.#everyMs);
  }

  /**
   * Asks for a place.
   *
   * @param nowMs UTC milliseconds
   * @returns null when there is one; else in how many whole seconds to come back, 1 to 30
   */
  ask(nowMs: number): number | null {
    // A clock that was set back is not to keep everyone out.
    if (this.#dueMs > nowMs + this.#burstMs + this.#everyMs) this.#dueMs = nowMs;
    const due = Math.max(this.#dueMs, nowMs);
    if (due - nowMs <= this.#burstMs - this.#everyMs) {
      this.#dueMs = due + this.#everyMs;
      return null;
    }
    if (this.#backMs > nowMs + AWAY_MAX_S * 1000) this.#backMs = nowMs + AWAY_MAX_S * 1000;
    this.#backMs = Math.max(this.#backMs, nowMs + 1000) + this.#everyMs / BACK_SHARE;
    return Math.min(AWAY_MAX_S, Math.ceil((this.#backMs - nowMs) / 1000));
  }
}
