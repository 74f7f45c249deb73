import { type ReadonlySignal, signal } from '@preact/signals';

/** The captions of a picture, and which are shown. */
export type CaptionsChoice = {
  /** Names of the services, in their order; empty while the picture has none. */
  readonly names: readonly string[];
  /** Index of the one that is shown; null for none. */
  readonly shown: number | null;
};

/** What follows when the button is pressed: each service in turn, then none. */
export function nextShown({ names, shown }: CaptionsChoice): number | null {
  const next = shown === null ? 0 : shown + 1;
  return next < names.length ? next : null;
}

/** What is asked of a text track of a video element. */
export type CaptionsTrack = Pick<TextTrack, 'kind' | 'label' | 'language' | 'mode'> & {
  readonly cues: { readonly length: number } | null;
};

/** Whether a track holds captions: those of an earlier stream stay in the element without a cue. */
export function isCaptions({ kind, cues, mode }: CaptionsTrack): boolean {
  if (kind !== 'captions' && kind !== 'subtitles') return false;
  return mode === 'showing' || cues === null || cues.length > 0;
}

/** Follows the captions of a video element, whoever finds them: hls.js in the pictures, or the browser's own player. */
export function watchCaptions(video: HTMLVideoElement): {
  readonly choice: ReadonlySignal<CaptionsChoice>;
  /** Shows the next service, or none. */
  next(): void;
  stop(): void;
} {
  const choice = signal<CaptionsChoice>({ names: [], shown: null });
  const list = video.textTracks;
  const tracks = (): TextTrack[] => [...list].filter(isCaptions);
  const look = (): void => {
    const found = tracks();
    const shown = found.findIndex(({ mode }) => mode === 'showing');
    const now: CaptionsChoice = {
      names: found.map(({ label, language }, index) => label || language || `CC${index + 1}`),
      shown: shown < 0 ? null : shown,
    };
    const { names } = choice.value;
    const isSame = now.shown === choice.value.shown && now.names.join() === names.join();
    if (!isSame) choice.value = now;
  };
  const events = ['addtrack', 'removetrack', 'change'] as const;
  for (const name of events) list.addEventListener(name, look);
  // A track is there before its first cue, and nothing tells when that comes.
  video.addEventListener('timeupdate', look);
  look();
  return {
    choice,
    next: () => {
      const shown = nextShown(choice.value);
      for (const [index, track] of tracks().entries()) track.mode = index === shown ? 'showing' : 'hidden';
      look();
    },
    stop: () => {
      for (const name of events) list.removeEventListener(name, look);
      video.removeEventListener('timeupdate', look);
    },
  };
}
