import { SEGMENT_TICKS, VIDEO_TIMESCALE_HZ, frameTicks, gridPhaseTicks, mediaTicks } from './media-clock.ts';

/** Places a source's pictures on the frame grid of a track: frames of constant length, counted from the epoch. */
export class FrameGrid {
  /** Length of a frame, 90 kHz ticks. */
  readonly frameTicks: number;
  readonly framesPerSegment: number;
  readonly #offsetTicks: number;
  #phaseTicks: number | null = null;

  /**
   * @param frameRate frames a second: a rate of the grid
   * @param offsetTicks UTC of source time 0 on the frame grid, 90 kHz ticks
   */
  constructor(frameRate: number, offsetTicks: number) {
    this.frameTicks = frameTicks(frameRate);
    this.framesPerSegment = SEGMENT_TICKS / this.frameTicks;
    this.#offsetTicks = offsetTicks;
  }

  /** Added to media times before they are rounded to the grid, ticks. It follows from the first picture that is placed. */
  phaseTicks(firstMs: number): number {
    this.#phaseTicks ??= gridPhaseTicks(mediaTicks(firstMs, this.#offsetTicks), this.frameTicks);
    return this.#phaseTicks;
  }

  /**
   * @param timeMs source time, milliseconds
   * @returns number of the frame since the epoch
   */
  frameAt(timeMs: number): number {
    const ticks = mediaTicks(timeMs, this.#offsetTicks) + this.phaseTicks(timeMs);
    return Math.floor(ticks / this.frameTicks + 0.5);
  }

  /**
   * What to add to ffmpeg's times so that a frame gets 0, ticks.
   *
   * @param baseMs the source time that ffmpeg sees as 0
   */
  shiftTicks(baseMs: number, frame: number): number {
    return mediaTicks(baseMs, this.#offsetTicks) + (this.#phaseTicks ?? 0) - frame * this.frameTicks;
  }

  /** Length of a frame, milliseconds; may have a fraction. */
  get frameMs(): number {
    return (this.frameTicks * 1000) / VIDEO_TIMESCALE_HZ;
  }

  /** Frames in a time in milliseconds, rounded up. */
  framesIn(durationMs: number): number {
    return Math.ceil((durationMs * VIDEO_TIMESCALE_HZ) / 1000 / this.frameTicks);
  }

  /** The first start of a segment at or after a frame. */
  segmentStart(frame: number): number {
    return Math.ceil(frame / this.framesPerSegment) * this.framesPerSegment;
  }
}
