/** Frames that a client may send at once, and how many each second after that. */
const BURST = 40;
const PER_SECOND = 5;

/** Token bucket that limits how many frames one client sends. */
export class FrameBudget {
  #frames = BURST;

  /**
   * Counts one frame.
   *
   * @param sinceLastMs milliseconds since the frame before it
   * @returns false when the client sends too many
   */
  spend(sinceLastMs: number): boolean {
    this.#frames = Math.min(BURST, this.#frames + (sinceLastMs * PER_SECOND) / 1000) - 1;
    return this.#frames >= 0;
  }
}
