import type { Level } from '../abr/levels.ts';
import type { LiveEngine, LiveEngineEvents } from './live-engine.ts';

/** Safari's own date of media time 0; not in every browser's type library. */
type DatedVideo = HTMLVideoElement & { getStartDate?: () => Date };

const AUTO: readonly Level[] = [{ bitrateBps: 0, heightPx: 0, frameRate: 0 }];

/**
 * Plays by the browser's own HLS. It chooses levels and its distance from live itself (PART-HOLD-BACK); what is left to us
 * is to notice when it gave up.
 */
export function createNativeLiveEngine(video: DatedVideo, url: string, events: LiveEngineEvents): LiveEngine {
  const onError = () => {
    const code = video.error?.code;
    const cause = code === MediaError.MEDIA_ERR_DECODE ? 'media' : 'network';
    events.onFatal(cause, null, video.error?.message ?? 'unknown');
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
    livePosition: () => {
      const { seekable } = video;
      return seekable.length === 0 ? null : seekable.end(seekable.length - 1) - 1;
    },
    programTimeMs: (mediaTimeS) => {
      const startMs = video.getStartDate?.().getTime() ?? Number.NaN;
      return Number.isFinite(startMs) ? startMs + mediaTimeS * 1000 : null;
    },
    runs: () => [],
    audioOnlyUrl: () => null,
    resume: reload,
    recoverMedia: reload,
    destroy: () => {
      video.removeEventListener('error', onError);
      video.removeEventListener('progress', onProgress);
      video.removeAttribute('src');
      video.load();
    },
  };
}
