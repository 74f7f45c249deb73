/** Ticks that are so far apart mean that this process did not run, milliseconds. */
const PAUSED_MS = 1000;
/** What was received meanwhile is given this time to be encoded, milliseconds. */
const PATIENCE_MS = 8000;
/** A process that is paused again so soon is rather short of computing power. Milliseconds. */
const BETWEEN_PAUSES_MS = 60_000;

/** Notices that this process was paused: what it finds afterwards is nobody's delay. Pure: times are monotonic milliseconds. */
export class PauseWatch {
  #tickedMs: number | null = null;
  #pausedMs = Number.NEGATIVE_INFINITY;

  /**
   * To be called several times a second.
   *
   * @returns whether a pause has ended a moment ago
   */
  tick(nowMs: number): boolean {
    const hasPaused = this.#tickedMs !== null && nowMs - this.#tickedMs > PAUSED_MS;
    if (hasPaused && nowMs - this.#pausedMs > BETWEEN_PAUSES_MS) this.#pausedMs = nowMs;
    this.#tickedMs = nowMs;
    return nowMs - this.#pausedMs < PATIENCE_MS;
  }
}
