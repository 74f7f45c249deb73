/** Over how long progress is measured, milliseconds … */
const SPAN_MS = 1000;
/** … and at least: pictures come out one by one. */
const MIN_SPAN_MS = 700;

/** How fast frames come out, in media seconds a second, over the last second. Pure: times are monotonic milliseconds. */
export class Progress {
  readonly #frameMs: number;
  #movedMs: number | null = null;
  readonly #readings: { readonly atMs: number; readonly frame: number }[] = [];

  /** @param frameMs length of a frame, milliseconds */
  constructor(frameMs: number) {
    this.#frameMs = frameMs;
  }

  /** Adds the next frame that is to come out. */
  add(frame: number, atMs: number): void {
    const last = this.#readings.at(-1)?.frame ?? Number.NEGATIVE_INFINITY;
    if (frame > last) this.#movedMs = atMs;
    this.#readings.push({ atMs, frame });
    while (this.#readings.length > 2 && atMs - (this.#readings[1]?.atMs ?? atMs) >= SPAN_MS)
      this.#readings.shift();
  }

  /** For how long nothing has come out, milliseconds. */
  silentMs(nowMs: number): number {
    return this.#movedMs === null ? 0 : nowMs - this.#movedMs;
  }

  /** 1 keeps up, 0 stands still; 1 before it can be told. */
  get rate(): number {
    const [first, last] = [this.#readings[0], this.#readings.at(-1)];
    if (first === undefined || last === undefined || last.atMs - first.atMs < MIN_SPAN_MS) return 1;
    return ((last.frame - first.frame) * this.#frameMs) / (last.atMs - first.atMs);
  }
}
