/** A clock of frames stands when so many have one timestamp, and arrived over so long. Milliseconds. */
const MIN_FRAMES = 10;
const MIN_STOOD_MS = 1000;

/**
 * Recognises timestamps of one kind that do not move while frames go on arriving: some encoders give all sound the time 0. A few
 * frames of one time are none: encoders send them together.
 */
export class StandingStamp {
  #stampMs: number | null = null;
  #frames = 0;
  /** Arrival of the first frame with this timestamp, milliseconds of a steady clock, and its time of the publication. */
  #sinceMs = 0;
  #timeMs = 0;
  #isTold = false;

  /**
   * Looks at the next frame.
   *
   * @param nowMs its arrival
   * @returns its time by its arrival, and whether it is the first that is placed so; null where its timestamp counts
   */
  byArrival(stampMs: number, nowMs: number): { readonly timeMs: number; readonly isFirst: boolean } | null {
    if (stampMs !== this.#stampMs) return null;
    this.#frames += 1;
    const stoodMs = nowMs - this.#sinceMs;
    if (this.#frames < MIN_FRAMES || stoodMs < MIN_STOOD_MS) return null;
    const isFirst = !this.#isTold;
    this.#isTold = true;
    return { timeMs: Math.round(this.#timeMs + stoodMs), isFirst };
  }

  /** A frame was placed by its timestamp. @param timeMs of the publication */
  placed(stampMs: number, timeMs: number, nowMs: number): void {
    if (stampMs === this.#stampMs) return;
    this.#stampMs = stampMs;
    this.#frames = 1;
    this.#sinceMs = nowMs;
    this.#timeMs = timeMs;
    this.#isTold = false;
  }
}
