import { isServed } from '../channel/api.ts';
import { nativeFailureOf, nativeProgramTimeMs } from '../playback/native-video.ts';
import type { TimeshiftEngine, TimeshiftEngineEvents, TimeshiftStart } from './timeshift-engine.ts';

/** Plays a recording with the browser's own HLS player, which chooses levels and loads by itself. */
export function createNativeTimeshiftEngine(
  video: HTMLVideoElement,
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
  video.addEventListener(
    'loadedmetadata',
    () => {
      if (atS > 0) video.currentTime = atS;
    },
    { signal },
  );
  const failed = async () => {
    const cause = await nativeFailureOf(video, url, isServed);
    if (!signal.aborted) events.onFatal(cause, null, null);
  };
  video.addEventListener('error', () => void failed(), { signal });
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
    programTimeMs: (mediaTimeS) => nativeProgramTimeMs(video, mediaTimeS),
    range: () => {
      const { seekable } = video;
      return seekable.length === 0
        ? null
        : { startS: seekable.start(0), endS: seekable.end(seekable.length - 1) };
    },
    runs: () => [],
    calls: () => null,
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
