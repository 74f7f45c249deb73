import type { PictureStart } from '../../media/codec/coded-picture.ts';

/** So long without a real keyframe, a weaker start is taken for one. Milliseconds of media. */
const GRADUAL_AFTER_MS = 4000;
const INTRA_AFTER_MS = 4000;
/** At the start nobody sees anything before one. */
const FIRST_INTRA_AFTER_MS = 2000;
const FIRST_FLAG_AFTER_MS = 6000;

/**
 * Decides which pictures count as keyframes: by their bits. The flag of the encoder is believed only where a stream has no other
 * sign for a long time.
 */
export class SyncRule {
  #firstMs: number | null = null;
  #lastMs: number | null = null;

  /** Whether there has been a keyframe. */
  get hasStarted(): boolean {
    return this.#lastMs !== null;
  }

  /**
   * Judges the next picture.
   *
   * @param isFlagged the encoder calls it a keyframe
   * @param timestampMs decode time, milliseconds
   */
  isSync(start: PictureStart, isFlagged: boolean, timestampMs: number): boolean {
    this.#firstMs ??= timestampMs;
    const waitedMs = timestampMs - (this.#lastMs ?? this.#firstMs);
    const isSync = start === 'key' || this.#isEnough(start, isFlagged, waitedMs);
    if (isSync) this.#lastMs = timestampMs;
    return isSync;
  }

  #isEnough(start: PictureStart, isFlagged: boolean, waitedMs: number): boolean {
    if (start === 'gradual') return !this.hasStarted || waitedMs >= GRADUAL_AFTER_MS;
    if (!isFlagged) return false;
    if (start === 'intra') return waitedMs >= (this.hasStarted ? INTRA_AFTER_MS : FIRST_INTRA_AFTER_MS);
    return !this.hasStarted && waitedMs >= FIRST_FLAG_AFTER_MS;
  }
}
