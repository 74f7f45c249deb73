import type { TimeshiftEngine, TimeshiftEngineEvents, TimeshiftStart } from './timeshift-engine.ts';

/** Safari's own date of media time 0; not in every browser's type library. */
type DatedVideo = HTMLVideoElement & { getStartDate?: () => Date };

/** Plays the past by the browser's own HLS, which chooses levels and loads by itself. */
export function createNativeTimeshiftEngine(
  video: DatedVideo,
  url: string,
  start: TimeshiftStart,
  events: TimeshiftEngineEvents,
): TimeshiftEngine {
  let atS = start.atS;
  const listening = new AbortController();
  const { signal } = listening;
  const load = () => {
    video.src = url;
    video.load();
  };
  const programTimeMs = (mediaTimeS: number) => {
    const startMs = video.getStartDate?.().getTime() ?? Number.NaN;
    return Number.isFinite(startMs) ? startMs + mediaTimeS * 1000 : null;
  };
  video.addEventListener(
    'loadedmetadata',
    () => {
      if (atS > 0) video.currentTime = atS;
    },
    { signal },
  );
  video.addEventListener(
    'error',
    () => {
      const cause = video.error?.code === MediaError.MEDIA_ERR_DECODE ? 'media' : 'network';
      events.onFatal(cause, null);
    },
    { signal },
  );
  load();
  queueMicrotask(() => events.onLevels([{ bitrateBps: 0, heightPx: 0, frameRate: 0 }]));

  const reload = () => {
    atS = video.currentTime;
    load();
    void video.play().catch(() => {});
  };
  return {
    setLevel: () => {},
    setViewHeight: () => {},
    programTimeMs,
    range: () => {
      const { seekable } = video;
      return seekable.length === 0
        ? null
        : { startS: seekable.start(0), endS: seekable.end(seekable.length - 1) };
    },
    runs: () => [],
    bps: () => null,
    resume: reload,
    recoverMedia: reload,
    destroy: () => {
      listening.abort();
      video.removeAttribute('src');
      video.load();
    },
  };
}
