/** A picture of the publisher: its frame on the grid, and when it was received. */
type Arrival = { readonly frame: number; readonly atMs: number };

/** Pictures that may still be inside a decoder that has later ones: it puts them in order of showing. */
const REORDER_DEPTH = 3;
/** More than any encoder can be behind. */
const MAX_ARRIVALS = 3000;

/**
 * When pictures were received, to tell how long one has been waiting to be encoded. Pure: times are monotonic milliseconds.
 *
 * A picture counts as waiting only once a few later ones are there: before that a decoder may have to retain it.
 */
export class Arrivals {
  #arrivals: Arrival[] = [];
  #newestFrame: number | null = null;

  /** The newest frame that was received; null before the first. */
  get newestFrame(): number | null {
    return this.#newestFrame;
  }

  /** Adds a picture, in decode order; one that is shown before the newest counts with it. */
  add(frame: number, atMs: number): void {
    this.#newestFrame = Math.max(frame, this.#newestFrame ?? frame);
    this.#arrivals.push({ frame: this.#newestFrame, atMs });
    if (this.#arrivals.length > MAX_ARRIVALS) this.#arrivals = this.#arrivals.slice(-MAX_ARRIVALS / 2);
  }

  /**
   * How long the oldest picture that has not come out has waited, milliseconds; 0 when none does.
   *
   * @param nextFrame the next frame that is to come out
   */
  lagMs(nextFrame: number, nowMs: number): number {
    const oldest = this.#indexOf(nextFrame);
    const since = this.#arrivals[oldest + REORDER_DEPTH];
    return since === undefined ? 0 : Math.max(0, nowMs - since.atMs);
  }

  /**
   * The frame behind the newest one that has waited for longer than a time.
   *
   * @returns null when none has
   */
  dueFrame(longerThanMs: number, nowMs: number): number | null {
    const atLatestMs = nowMs - longerThanMs;
    const young = this.#arrivals.findIndex(({ atMs }) => atMs > atLatestMs);
    const end = (young < 0 ? this.#arrivals.length : young) - REORDER_DEPTH;
    const newest = this.#arrivals[end - 1];
    return newest === undefined ? null : newest.frame + 1;
  }

  /** Forgets what was received before a frame. */
  forgetBefore(frame: number): void {
    // In blocks, because this is called all the time.
    const count = this.#indexOf(frame);
    if (count > 256) this.#arrivals.splice(0, count);
  }

  #indexOf(frame: number): number {
    let [low, high] = [0, this.#arrivals.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#arrivals[middle]?.frame ?? frame) < frame) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
