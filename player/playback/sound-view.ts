import { type Signal, signal } from '@preact/signals';
import { recall } from './remembered.ts';

/** What a page shows of starting, pausing and sound. */
export type SoundView = {
  readonly paused: Signal<boolean>;
  readonly muted: Signal<boolean>;
  /** 0 to 1. */
  readonly volume: Signal<number>;
  /** The browser refused sound (`sound`) or any playback (`play`) without a tap. */
  readonly tap: Signal<'none' | 'sound' | 'play'>;
};

/** Makes the signals, with sound as the viewer left it the last time. */
export function createSoundView(): SoundView {
  const { muted, volume } = recall();
  return {
    paused: signal(false),
    muted: signal(muted),
    volume: signal(volume),
    tap: signal<'none' | 'sound' | 'play'>('none'),
  };
}
