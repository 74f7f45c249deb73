/** Without a picture for so long the last one stands as long as sound goes on, milliseconds … */
const STILL_MS = 1500;
/** … and this far behind the sound, so that a picture that comes after all finds its place. */
const BEHIND_SOUND_MS = 500;

/**
 * Decides up to when the last picture stands while a publisher sends sound and no pictures. Pure: source times and monotonic times in
 * milliseconds.
 */
export class StillPicture {
  #pictureMs: number | null = null;
  #pictureAtMs = 0;
  #soundMs: number | null = null;
  /** How far sound was ahead when the newest picture was received. */
  #leadMs = 0;

  /** Reports a picture of this source time. */
  picture(timeMs: number, nowMs: number): void {
    this.#pictureMs = timeMs;
    this.#pictureAtMs = nowMs;
    if (this.#soundMs !== null) this.#leadMs = Math.max(0, this.#soundMs - timeMs);
  }

  /** Reports sound of this source time. */
  sound(timeMs: number): void {
    this.#soundMs = timeMs;
  }

  /** @returns the source time; null while pictures come, before the first, and without sound */
  standsUntilMs(nowMs: number): number | null {
    if (this.#soundMs === null || this.#pictureMs === null || nowMs - this.#pictureAtMs < STILL_MS)
      return null;
    const untilMs = this.#soundMs - this.#leadMs - BEHIND_SOUND_MS;
    return untilMs > this.#pictureMs ? untilMs : null;
  }
}
