import Hls, { type HlsConfig } from 'hls.js';
import { type Level, highestUseful, levelOfHeight } from '../abr/levels.ts';
import {
  entryPolicy,
  expectCaptions,
  HLS_BASE_CONFIG,
  levelsOf,
  loadPolicy,
  recoverDecoder,
  resumeLoading,
} from '../playback/hls-base.ts';
import { callsOf, causeOf, mediaTimeAt, programTimeAt, runsOf, waitOf } from '../playback/hls-playlist.ts';
import type { TimeshiftEngine, TimeshiftEngineEvents, TimeshiftStart } from './timeshift-engine.ts';
import { streamEndControllers } from './stream-end.ts';

/** A start that differs by more than this from the playlist's time is corrected, in seconds. */
const START_SLACK_S = 1;

/**
 * Plays a recording with hls.js, which chooses levels and fills the buffer by itself: latency does not matter here.
 */
export function createHlsTimeshiftEngine(
  video: HTMLVideoElement,
  url: string,
  start: TimeshiftStart,
  events: TimeshiftEngineEvents,
): TimeshiftEngine {
  const hls = new Hls({
    ...TIMESHIFT_CONFIG,
    ...(start.bps === null ? {} : { abrEwmaDefaultEstimate: start.bps }),
  });
  let levels: readonly Level[] = [];
  let placed = start.programMs === null;

  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    levels = levelsOf(hls);
    expectCaptions(hls.levels);
    hls.loadLevel = levelOfHeight(levels, start.qualityPx) ?? -1;
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
    if (data.fatal) events.onFatal(causeOf(data), data.response?.code ?? null, waitOf(data));
  });
  hls.attachMedia(video);
  hls.loadSource(url);

  return {
    setLevel: (index) => {
      // Discards what is buffered of another quality: the viewer wants to see the one that she chose.
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
    calls: () => callsOf(hls.latestLevelDetails),
    bps: () => (hls.bandwidthEstimate > 0 ? hls.bandwidthEstimate : null),
    resume: () => resumeLoading(hls, url, video.currentTime),
    recoverMedia: (swap) => recoverDecoder(hls, video, swap),
    destroy: () => hls.destroy(),
  };
}

const RETRIES = { timeouts: 2, errors: 2, firstMs: 500, longestMs: 4000 };
const LIMITS = { firstByteMs: 8000, loadMs: 30_000 };
const POLICY = loadPolicy(LIMITS, RETRIES);

const TIMESHIFT_CONFIG: Partial<HlsConfig> = {
  ...HLS_BASE_CONFIG,
  ...streamEndControllers,
  lowLatencyMode: false,
  maxBufferLength: 30,
  maxMaxBufferLength: 60,
  // To go back a few sentences needs no network.
  backBufferLength: 60,
  playlistLoadPolicy: POLICY,
  manifestLoadPolicy: entryPolicy(LIMITS, RETRIES),
  fragLoadPolicy: POLICY,
};
