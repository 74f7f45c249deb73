import { AAC_FRAME_SAMPLES, AUDIO_SAMPLE_RATE_HZ } from '../../shared/grid.ts';
import { VIDEO_TIMESCALE_HZ } from './media-clock.ts';

const TICKS_PER_FRAME = (AAC_FRAME_SAMPLES * VIDEO_TIMESCALE_HZ) / AUDIO_SAMPLE_RATE_HZ;
/** Largest smoothed distance of sound from its grid place, in frames of 21.3 ms … */
const DRIFT_FRAMES = 0.75;
/** … and largest distance of a single frame; more is a gap and not jitter. */
const GAP_FRAMES = 4;
const SMOOTHING = 1 / 16;
/** Longest gap that is filled with silence, 5.3 s; a longer one stays a gap. */
const MAX_FILL_FRAMES = 250;

/** Where a frame of sound goes: at index `frame` after `missing` frames of silence; or `late`, when its place is taken. */
export type AudioPlace =
  | { readonly kind: 'at'; readonly frame: number; readonly missing: number }
  | { readonly kind: 'late' };

/** Index of the AAC frame (1,024 samples at 48 kHz, counted from the epoch) nearest to a media time in 90 kHz ticks. */
export function audioFrameAt(ticks: number): number {
  return Math.round(ticks / TICKS_PER_FRAME);
}

/**
 * Places sound on the grid of AAC frames counted from the epoch, 75 per segment.
 *
 * FLV rounds times to milliseconds, and phones send frames in bursts; the frames themselves have 1,024 samples each. So frames are
 * placed one after the other until their smoothed times differ from the grid by most of a frame; then one frame is dropped or one
 * frame of silence inserted. A loss of several frames is recognised at once.
 */
export class AudioGrid {
  #next: number | null = null;
  #errorFrames = 0;

  /** Index of the frame that comes next; null before the first. */
  get next(): number | null {
    return this.#next;
  }

  /**
   * @param ticks media time of a frame, 90 kHz ticks since the epoch
   */
  place(ticks: number): AudioPlace {
    const measured = ticks / TICKS_PER_FRAME;
    if (this.#next === null) {
      const frame = Math.round(measured);
      this.#next = frame + 1;
      // The initial phase is no error; only the change from it counts.
      this.#phase = measured - frame;
      return { kind: 'at', frame, missing: 0 };
    }
    const error = measured - this.#phase - this.#next;
    this.#errorFrames += (error - this.#errorFrames) * SMOOTHING;
    const step = Math.abs(error) >= GAP_FRAMES ? error : this.#errorFrames;
    if (Math.abs(step) < DRIFT_FRAMES) return this.#take(0);
    const frames = Math.round(step);
    this.#errorFrames = 0;
    if (frames < 0) return { kind: 'late' };
    if (frames > MAX_FILL_FRAMES) this.#next += frames;
    return this.#take(frames > MAX_FILL_FRAMES ? 0 : frames);
  }

  /**
   * Reserves the places up to a frame for silence.
   *
   * @param frame index of the first frame that stays free
   * @returns the first frame to fill and how many; at most 250 of them
   */
  fillTo(frame: number): { readonly first: number; readonly count: number } {
    const first = this.#next ?? frame;
    const count = Math.max(0, frame - first);
    if (count > MAX_FILL_FRAMES) {
      this.#next = frame;
      return { first: frame - 1, count: 1 };
    }
    if (this.#next === null) this.#phase = 0;
    this.#next = first + count;
    return { first, count };
  }

  #phase = 0;

  #take(missing: number): AudioPlace {
    const frame = (this.#next ?? 0) + missing;
    this.#next = frame + 1;
    return { kind: 'at', frame, missing };
  }
}
