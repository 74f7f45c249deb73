import type { Level } from '../abr/levels.ts';
import { isServed } from '../channel/api.ts';
import { nativeFailureOf, nativeProgramTimeMs } from '../playback/native-video.ts';
import type { LiveEngine, LiveEngineEvents } from './live-engine.ts';

const AUTO: readonly Level[] = [{ bitrateBps: 0, heightPx: 0, frameRate: 0 }];

/**
 * Plays live with the browser's own HLS player, which chooses levels and its distance from live itself (PART-HOLD-BACK):
 * only its failures are handled here.
 */
export function createNativeLiveEngine(
  video: HTMLVideoElement,
  url: string,
  events: LiveEngineEvents,
): LiveEngine {
  let isHere = true;
  const onError = () => {
    void nativeFailureOf(video, url, isServed).then((cause) => {
      if (isHere) events.onFatal(cause, null, null);
    });
  };
  const onProgress = () => events.onAppended();
  video.addEventListener('error', onError);
  video.addEventListener('progress', onProgress);
  video.src = url;
  queueMicrotask(() => events.onLevels(AUTO));

  const reload = () => {
    video.src = url;
    void video.play().catch(() => {});
  };
  return {
    start: () => {},
    setLevel: () => {},
    canSkipPictures: false,
    setKeyframesOnly: () => {},
    setLoading: () => {},
    livePosition: () => {
      const { seekable } = video;
      return seekable.length === 0 ? null : seekable.end(seekable.length - 1) - 1;
    },
    // What `seekable` ends with lies ahead of what this player would play, and it chooses its distance from live itself.
    edge: () => null,
    programTimeMs: (mediaTimeS) => nativeProgramTimeMs(video, mediaTimeS),
    runs: () => [],
    calls: () => null,
    audioOnlyUrl: () => null,
    resume: reload,
    recoverMedia: reload,
    destroy: () => {
      isHere = false;
      video.removeEventListener('error', onError);
      video.removeEventListener('progress', onProgress);
      video.removeAttribute('src');
      video.load();
    },
  };
}
