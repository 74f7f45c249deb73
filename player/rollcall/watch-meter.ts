const MINUTE_MS = 60_000;
const SLOT_MS = 1000;
/** Played seconds of a minute after which it counts as watched. */
const HALF = 30;
/** Fastest playback; a playhead that moves further than this times the clock has jumped. */
const FASTEST = 2.5;
/** A playhead is read a little late or early, milliseconds. */
const SLACK_MS = 750;
/** Longest time that counts as played between two calls: a page that slept longer has not shown it, milliseconds. */
const LONGEST_MS = 180_000;

/** Measures which minutes of a class were played: a second that was played twice counts once, a skipped one not at all. */
export class WatchMeter {
  #lastMs: number | null = null;
  #lookedMs = 0;
  /** Played seconds of minutes that are not reported yet. */
  readonly #played = new Map<number, Set<number>>();
  readonly #told = new Set<number>();

  /**
   * Takes the playhead; to be called a few times a second, in the background less often.
   *
   * @param playheadMs program date time, UTC milliseconds; null while nothing plays
   * @param nowMs a clock that never goes back, milliseconds
   * @returns minutes (since the epoch) of which half has now been played, each once
   */
  update(playheadMs: number | null, nowMs: number): readonly number[] {
    const [lastMs, elapsedMs] = [this.#lastMs, nowMs - this.#lookedMs];
    this.#lastMs = playheadMs;
    this.#lookedMs = nowMs;
    if (playheadMs === null || lastMs === null || elapsedMs > LONGEST_MS) return [];
    const movedMs = playheadMs - lastMs;
    if (movedMs <= 0 || movedMs > elapsedMs * FASTEST + SLACK_MS) return [];
    const found: number[] = [];
    for (let slot = Math.ceil(lastMs / SLOT_MS); slot * SLOT_MS < playheadMs; slot++) {
      const minute = Math.floor((slot * SLOT_MS) / MINUTE_MS);
      if (this.#told.has(minute)) continue;
      const seconds = this.#played.get(minute) ?? new Set();
      this.#played.set(minute, seconds.add(slot));
      if (seconds.size < HALF) continue;
      this.#told.add(minute);
      this.#played.delete(minute);
      found.push(minute);
    }
    return found;
  }
}
