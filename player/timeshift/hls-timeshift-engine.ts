import Hls, { type HlsConfig } from 'hls.js';
import { type Level, highestUseful } from '../abr/levels.ts';
import { causeOf, mediaTimeAt, programTimeAt, runsOf } from '../playback/playlist-times.ts';
import type { TimeshiftEngine, TimeshiftEngineEvents, TimeshiftStart } from './timeshift-engine.ts';
import { streamEndControllers } from './stream-end.ts';

/** So far off may a start by the page's reckoning be, in seconds, before it is put right by the playlist's. */
const START_SLACK_S = 1;

/**
 * Plays the past by hls.js. Nobody is in a hurry here: what it does by itself about levels and buffers serves.
 */
export function createHlsTimeshiftEngine(
  video: HTMLVideoElement,
  url: string,
  start: TimeshiftStart,
  events: TimeshiftEngineEvents,
): TimeshiftEngine {
  const hls = new Hls(configOf(start));
  let levels: readonly Level[] = [];
  let placed = start.programMs === null;

  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    levels = hls.levels.map((level) => ({
      bitrateBps: level.bitrate,
      heightPx: level.height,
      frameRate: level.frameRate,
    }));
    const chosen = levels.findIndex(({ heightPx }) => heightPx === start.qualityPx);
    hls.loadLevel = chosen;
    hls.startLoad(start.atS);
    queueMicrotask(() => events.onLevels(levels));
  });
  hls.on(Hls.Events.LEVEL_LOADED, (_event, { details }) => {
    if (placed || start.programMs === null) return;
    placed = true;
    const atS = mediaTimeAt(details, start.programMs);
    if (atS !== null && Math.abs(atS - start.atS) > START_SLACK_S) video.currentTime = atS;
  });
  hls.on(Hls.Events.LEVEL_SWITCHED, (_event, { level }) => events.onLevel(level));
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (data.fatal) events.onFatal(causeOf(data), data.response?.code ?? null);
  });
  hls.attachMedia(video);
  hls.loadSource(url);

  return {
    setLevel: (index) => {
      // What is buffered of another quality is let go: who chose wants to see it.
      if (index === null) hls.nextLevel = -1;
      else hls.currentLevel = index;
    },
    setViewHeight: (heightPx) => {
      hls.autoLevelCapping = levels.length === 0 ? -1 : highestUseful(levels, heightPx);
    },
    programTimeMs: (mediaTimeS) => programTimeAt(hls.latestLevelDetails, mediaTimeS),
    range: () => {
      const details = hls.latestLevelDetails;
      return details === null || details.fragments.length === 0
        ? null
        : { startS: details.fragmentStart, endS: details.edge };
    },
    runs: () => runsOf(hls.latestLevelDetails),
    bps: () => (hls.bandwidthEstimate > 0 ? hls.bandwidthEstimate : null),
    resume: () => {
      if (hls.levels.length === 0) {
        hls.loadSource(url);
        return;
      }
      hls.stopLoad();
      hls.startLoad(video.currentTime);
    },
    recoverMedia: (swap) => {
      if (swap) hls.swapAudioCodec();
      hls.recoverMediaError();
      void video.play().catch(() => {});
    },
    destroy: () => hls.destroy(),
  };
}

function configOf(start: TimeshiftStart): Partial<HlsConfig> {
  const retry = (maxNumRetry: number) => ({ maxNumRetry, retryDelayMs: 500, maxRetryDelayMs: 4000 });
  const policy = {
    default: {
      maxTimeToFirstByteMs: 8000,
      maxLoadTimeMs: 30_000,
      timeoutRetry: retry(2),
      errorRetry: retry(2),
    },
  };
  return {
    autoStartLoad: false,
    // Fragmented MP4 passes through unchanged: a worker would cost a message each way, and a blob: in the CSP.
    enableWorker: false,
    lowLatencyMode: false,
    maxBufferLength: 30,
    maxMaxBufferLength: 60,
    // Going back a few sentences needs no network.
    backBufferLength: 60,
    maxBufferHole: 0.15,
    ...streamEndControllers,
    useMediaCapabilities: false,
    ...(start.bps === null ? {} : { abrEwmaDefaultEstimate: start.bps }),
    enableDateRangeMetadataCues: false,
    enableEmsgMetadataCues: false,
    enableID3MetadataCues: false,
    enableWebVTT: false,
    enableIMSC1: false,
    enableCEA708Captions: false,
    enableInterstitialPlayback: false,
    playlistLoadPolicy: policy,
    manifestLoadPolicy: policy,
    fragLoadPolicy: policy,
  };
}
