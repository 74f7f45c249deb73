/** When the player's server time and the roll call's differ by more than this, the roll call's counts, milliseconds. */
const AGREE_MS = 1000;

/**
 * The server's time: the player's, or where that is not known yet or wrong, the roll call server's. An answer by a clock that is
 * wrong would be refused.
 */
export class ServerTime {
  /** What is added to the page's steady clock: the largest value so far, since a delayed frame gives a smaller one. */
  #offsetMs: number | null = null;

  /**
   * Takes a time that the server sent.
   *
   * @param serverMs UTC milliseconds, when it was sent
   * @param steadyMs the page's steady clock (performance.now), when it came
   */
  heard(serverMs: number, steadyMs: number): void {
    this.#offsetMs = Math.max(this.#offsetMs ?? Number.NEGATIVE_INFINITY, serverMs - steadyMs);
  }

  /** The connection is lost. The steady clock may stop while a machine sleeps, so the offset is discarded. */
  lost(): void {
    this.#offsetMs = null;
  }

  /**
   * The server's time now, UTC milliseconds.
   *
   * @param playedMs the player's server time
   */
  nowMs(playedMs: number, steadyMs: number): number {
    if (this.#offsetMs === null) return playedMs;
    const lineMs = steadyMs + this.#offsetMs;
    return Math.abs(lineMs - playedMs) > AGREE_MS ? lineMs : playedMs;
  }
}
