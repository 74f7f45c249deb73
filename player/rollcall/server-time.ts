/** The page's clock and the line's may differ by this before the page's is not believed, milliseconds. */
const AGREE_MS = 1000;

/**
 * The server's time, as the player has worked it out or, where that is not so yet or went wrong, as the roll call's own server
 * tells it: an answer from a clock that is wrong would be refused.
 */
export class ServerTime {
  /** What is added to the page's steady clock; the most that was heard, since a frame that was delayed tells of less. */
  #offsetMs: number | null = null;

  /**
   * Takes what the server said.
   *
   * @param serverMs UTC milliseconds, when it was sent
   * @param steadyMs the page's steady clock (performance.now), when it came
   */
  heard(serverMs: number, steadyMs: number): void {
    this.#offsetMs = Math.max(this.#offsetMs ?? Number.NEGATIVE_INFINITY, serverMs - steadyMs);
  }

  /** The line is lost. The steady clock may stand still while a machine sleeps, so nothing of before counts. */
  lost(): void {
    this.#offsetMs = null;
  }

  /**
   * The server's time now, UTC milliseconds.
   *
   * @param playedMs what the player takes for it
   */
  nowMs(playedMs: number, steadyMs: number): number {
    if (this.#offsetMs === null) return playedMs;
    const lineMs = steadyMs + this.#offsetMs;
    return Math.abs(lineMs - playedMs) > AGREE_MS ? lineMs : playedMs;
  }
}
