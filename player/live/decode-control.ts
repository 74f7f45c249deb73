import { DecodeLoad } from '../decode/decode-load.ts';
import { type DecodeStep, FULL_PICTURE } from '../decode/decode-step.ts';
import { PlaybackMeter } from '../decode/playback-meter.ts';
import { drawStill } from '../decode/still-picture.ts';
import { POLL_MS } from '../playback/recovery-driver.ts';
import type { LiveEngine } from './live-engine.ts';
import type { LiveQuality } from './live-quality.ts';
import type { LiveView } from './live-view.ts';

/** Holds what a page decodes to what its machine can: measures, lets {@link DecodeLoad} decide, and carries it out. */
export class DecodeControl {
  readonly #video: HTMLVideoElement;
  readonly #view: LiveView;
  readonly #quality: LiveQuality;
  readonly #meter: PlaybackMeter;
  readonly #load = new DecodeLoad();
  #step: DecodeStep = FULL_PICTURE;

  constructor(video: HTMLVideoElement, view: LiveView, quality: LiveQuality) {
    this.#video = video;
    this.#view = view;
    this.#quality = quality;
    this.#meter = new PlaybackMeter(video);
  }

  /** Index of the highest level that may be played. */
  get maxLevel(): number {
    return this.#step.maxLevel;
  }

  /** To be called at each poll of the recovery driver, with the engine that plays. */
  poll(nowMs: number, engine: LiveEngine): void {
    const { levels, playing, still } = this.#view;
    const { pictures } = this.#step;
    if (pictures !== 'none' && this.#video.videoWidth > 0) still.value = null;
    const window = this.#meter.poll(nowMs, POLL_MS);
    const isSoundAlone = this.#view.audioOnly.value;
    // An engine that was made since knows nothing of the step. Each frame of sound is a sync sample: it has to stay.
    engine.setKeyframesOnly(pictures === 'keyframes' && !isSoundAlone);
    if (window === null || isSoundAlone) return;
    this.#apply(
      this.#load.observe(window, {
        levels: levels.value.length,
        playing: playing.value,
        keyframes: engine.canSkipPictures,
        // Sound alone is nothing at all where there is no sound.
        soundAlone: this.#view.audioOnlyPossible.value && !this.#video.muted,
      }),
    );
  }

  #apply(step: DecodeStep): void {
    const before = this.#step;
    this.#step = step;
    const isLower = step.maxLevel < this.#view.levels.value.length - 1;
    this.#view.busy.value = step.pictures !== 'all' ? step.pictures : isLower ? 'lower' : 'no';
    if (step.pictures === before.pictures) return;
    if (step.pictures === 'none') this.#view.still.value = drawStill(this.#video);
    this.#quality.setPicturesOff(step.pictures === 'none');
  }
}
