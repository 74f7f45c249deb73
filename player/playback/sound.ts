import { recall, remember } from './remembered.ts';
import type { SoundView } from './sound-view.ts';

/** Volume after unmuting where it had been turned down to zero. */
const AUDIBLE = 0.5;

/** Starts playback with the viewer's last volume, muted where the browser allows no sound before the first tap. */
export class Sound {
  readonly #video: HTMLVideoElement;
  readonly #view: SoundView;

  constructor(video: HTMLVideoElement, view: SoundView) {
    this.#video = video;
    this.#view = view;
    const { muted, volume } = recall();
    video.muted = muted;
    video.volume = volume;
    video.preservesPitch = true;
    video.addEventListener('volumechange', () => {
      view.muted.value = video.muted;
      view.volume.value = video.volume;
    });
  }

  /** Plays; without sound where the browser allows no more, which the view then shows. */
  play(): void {
    const video = this.#video;
    video.play().then(
      () => {
        if (this.#view.tap.value === 'play') this.#view.tap.value = 'none';
      },
      (error: unknown) => {
        if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return;
        if (video.muted) {
          this.#view.tap.value = 'play';
          this.#view.paused.value = true;
          return;
        }
        video.muted = true;
        this.#view.tap.value = 'sound';
        this.play();
      },
    );
  }

  /** The viewer tapped the button that the browser made necessary. */
  tapped(): void {
    this.#view.tap.value = 'none';
    // Unmutes what the page has muted, not what the viewer has muted.
    if (!recall().muted) this.setMuted(false);
    this.play();
  }

  /** Turns the sound off or on, and remembers it. */
  setMuted(muted: boolean): void {
    const video = this.#video;
    if (!muted && video.volume === 0) video.volume = AUDIBLE;
    video.muted = muted;
    if (!muted && this.#view.tap.value === 'sound') this.#view.tap.value = 'none';
    remember({ muted, volume: video.volume });
  }

  /** @param volume 0 to 1; other values are clamped */
  setVolume(volume: number): void {
    this.#video.volume = Math.min(1, Math.max(0, volume));
    this.setMuted(this.#video.volume === 0);
  }
}
