/** A wait this soon after a seek is no stall, in milliseconds. */
const SEEK_GRACE_MS = 800;

/** Counts how often playback ran dry; waiting after a seek is not counted. */
export class StallCounter {
  readonly #video: HTMLVideoElement;
  #soughtAtMs = Number.NEGATIVE_INFINITY;
  #count = 0;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    video.addEventListener('seeking', () => {
      this.#soughtAtMs = performance.now();
    });
  }

  /** Stalls so far. */
  get count(): number {
    return this.#count;
  }

  /** The element waits for data: tells whether that is a stall, and counts it. */
  waits(nowMs: number): boolean {
    if (this.#video.seeking || nowMs - this.#soughtAtMs < SEEK_GRACE_MS) return false;
    this.#count++;
    return true;
  }
}
