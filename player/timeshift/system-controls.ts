import { effect } from '@preact/signals';
import { type MediaInfo, showMediaInfo } from '../stage/media-info.ts';
import type { TimeshiftSession } from './timeshift-session.ts';
import { STEP_MS } from './seek-bar.ts';

const ACTIONS: readonly MediaSessionAction[] = ['play', 'pause', 'seekto', 'seekbackward', 'seekforward'];

/**
 * Connects a session to the system's media controls: they show it, and play, pause and seek.
 *
 * @param seek goes to a time, in milliseconds since the beginning
 * @returns disconnects it
 */
export function connectSystemControls(
  session: TimeshiftSession,
  info: () => MediaInfo,
  seek: (positionMs: number) => void,
): () => void {
  if (!('mediaSession' in navigator)) return () => {};
  const { mediaSession } = navigator;
  const { paused, positionMs, lengthMs, speed } = session.view;
  const set = (action: MediaSessionAction, act: MediaSessionActionHandler | null) => {
    try {
      mediaSession.setActionHandler(action, act);
    } catch {
      // A browser that does not know the action shows no button for it.
    }
  };
  const toggle = (wanted: boolean) => () => {
    if (paused.peek() !== wanted) session.togglePlay();
  };
  set('play', toggle(false));
  set('pause', toggle(true));
  set('seekto', ({ seekTime }) => seek((seekTime ?? 0) * 1000));
  set('seekbackward', ({ seekOffset }) => seek(positionMs.peek() - offsetMs(seekOffset)));
  set('seekforward', ({ seekOffset }) => seek(positionMs.peek() + offsetMs(seekOffset)));
  const stopInfo = effect(() => {
    showMediaInfo(info());
  });
  const stopPlace = effect(() => {
    if (lengthMs.value <= 0) return;
    mediaSession.playbackState = paused.value ? 'paused' : 'playing';
    mediaSession.setPositionState({
      duration: lengthMs.value / 1000,
      position: Math.min(positionMs.value, lengthMs.value) / 1000,
      playbackRate: speed.value,
    });
  });
  return () => {
    stopInfo();
    stopPlace();
    for (const action of ACTIONS) set(action, null);
    mediaSession.setPositionState();
    mediaSession.playbackState = 'none';
  };
}

function offsetMs(seconds: number | null | undefined): number {
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : STEP_MS;
}
