const MINUTE_MS = 60_000;
/** Played time of a minute after which it counts as watched, milliseconds. */
const HALF_MS = 30_000;
/** A playhead that moves further than this between two looks has jumped, milliseconds. */
const JUMP_MS = 2000;

/** Adds up which minutes of a class were really played. */
export class WatchMeter {
  #lastMs: number | null = null;
  #minute = -1;
  #playedMs = 0;
  #told = -1;

  /**
   * Looks at the playhead; to be called a few times a second.
   *
   * @param playheadMs program date time, UTC milliseconds; null while nothing plays
   * @returns a minute (since the epoch) of which half has now been played, once; else null
   */
  look(playheadMs: number | null): number | null {
    const lastMs = this.#lastMs;
    this.#lastMs = playheadMs;
    if (playheadMs === null || lastMs === null) return null;
    const playedMs = playheadMs - lastMs;
    if (playedMs <= 0 || playedMs > JUMP_MS) return null;
    const minute = Math.floor(playheadMs / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#playedMs = 0;
    }
    this.#playedMs += playedMs;
    if (this.#playedMs < HALF_MS || this.#told === minute) return null;
    this.#told = minute;
    return minute;
  }
}
