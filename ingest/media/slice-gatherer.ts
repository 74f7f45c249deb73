import type { PictureConfig } from '../../media/codec/coded-picture.ts';

/** A picture as it was read, before it is written for the source. */
export type ReadPicture = {
  readonly isSync: boolean;
  /** Presentation minus decode time, milliseconds. */
  readonly compositionOffsetMs: number;
  /** Decode time of the publication, milliseconds. */
  readonly timestampMs: number;
  readonly isSecondField: boolean;
  /** As a sample of MP4. */
  readonly data: Buffer;
  /** Its decoder configuration, where it is a keyframe; null while one is missing. */
  readonly config: PictureConfig | null;
};

/**
 * Slices of one picture are this close, milliseconds: encoders that send each by itself give all one time, or look at their clock
 * for each.
 */
const SAME_PICTURE_MS = 2;
/** So long without another slice, a picture is whole. Milliseconds. */
const WHOLE_AFTER_MS = 50;
const MAX_PICTURE_BYTES = 8 << 20;

/**
 * Puts pictures together whose slices come in messages of their own, as naive encoders send what their codec gives them.
 *
 * Only such a stream waits: its pictures are passed on when the next one begins, or soon after their last slice. That it is one
 * shows at its second message; the keyframe whose first slice has been passed on by then is passed on a second time, whole.
 */
export class SliceGatherer {
  #isApart = false;
  /** The picture that is not whole yet; its bytes are its own. */
  #open: ReadPicture | null = null;
  #openMs = 0;
  /** The newest picture that was passed on, if it was a keyframe. A copy. */
  #lastSync: ReadPicture | null = null;
  #newestMs: number | null = null;

  /**
   * Takes what a message has of a picture.
   *
   * @param read borrowed
   * @param isContinued its first slice is not the first one of a picture
   * @param nowMs UTC milliseconds
   * @returns pictures that are whole
   */
  add(read: ReadPicture, isContinued: boolean, nowMs: number): readonly ReadPicture[] {
    // Where the time is another one, a relay has lost the first slices on its way: decoders conceal that.
    const isSame = this.#newestMs !== null && Math.abs(read.timestampMs - this.#newestMs) <= SAME_PICTURE_MS;
    if (isContinued && isSame) {
      this.#continue(read.data, nowMs);
      return [];
    }
    this.#newestMs = read.timestampMs;
    if (this.#isApart) {
      const whole = this.#take();
      this.#open = { ...read, data: Buffer.from(read.data) };
      this.#openMs = nowMs;
      return whole;
    }
    this.#lastSync = read.isSync ? { ...read, data: Buffer.from(read.data) } : null;
    return [read];
  }

  /** When the picture that waits is whole at the latest, UTC milliseconds; null while none waits. */
  get waitsUntilMs(): number | null {
    return this.#open === null ? null : this.#openMs + WHOLE_AFTER_MS;
  }

  /** Time has passed. @returns the picture that waited, when no slice of it can come any more */
  flush(nowMs: number): readonly ReadPicture[] {
    return nowMs < (this.waitsUntilMs ?? Number.POSITIVE_INFINITY) ? [] : this.#take();
  }

  #continue(data: Buffer, nowMs: number): void {
    this.#isApart = true;
    if (this.#open === null && this.#lastSync !== null) {
      // No two pictures have one time.
      this.#open = { ...this.#lastSync, timestampMs: this.#lastSync.timestampMs + 1 };
    }
    this.#lastSync = null;
    if (this.#open === null || this.#open.data.length + data.length > MAX_PICTURE_BYTES) return;
    this.#open = { ...this.#open, data: Buffer.concat([this.#open.data, data]) };
    this.#openMs = nowMs;
  }

  #take(): readonly ReadPicture[] {
    const open = this.#open;
    this.#open = null;
    return open === null ? [] : [open];
  }
}
