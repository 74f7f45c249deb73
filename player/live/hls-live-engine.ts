import Hls, { type HlsConfig, type LevelDetails } from 'hls.js';
import { observeTransfers } from '../abr/transfer-observer.ts';
import {
  entryPolicy,
  expectCaptions,
  HLS_BASE_CONFIG,
  levelsOf,
  loadPolicy,
  recoverDecoder,
  resumeLoading,
} from '../playback/hls-base.ts';
import { callsOf, causeOf, programTimeAt, runsOf, waitOf } from '../playback/hls-playlist.ts';
import { type Loading, tuningOf } from './line-shape.ts';
import type { LiveEngine, LiveEngineEvents } from './live-engine.ts';
import { PartThinner } from './part-thinner.ts';
import { PlaylistPrefetch } from './playlist-prefetch.ts';
import { prefetchLoaders } from './prefetch-loaders.ts';
import { Prefetcher } from './prefetcher.ts';
import { segmentEndControllers } from './segment-ends.ts';
import { RELOAD_LIMITS } from './segment-reload.ts';

/**
 * Plays live with hls.js.
 *
 * What hls.js would do about latency and levels is switched off: it speeds up only above one second of buffer, raises its
 * target with each stall for good (video-dev/hls.js#6350), and measures small parts wrongly; `latency/` and `abr/` decide.
 */
export function createHlsLiveEngine(
  video: HTMLVideoElement,
  url: string,
  events: LiveEngineEvents,
): LiveEngine {
  const prefetcher = new Prefetcher();
  const stopObserving = observeTransfers(
    (address) => prefetcher.kindOf(address),
    events.onTransfer,
    events.onQueued,
  );
  const prefetch = new PlaylistPrefetch(video, prefetcher, (partTargetMs) => {
    hold(partTargetMs);
    events.onPartTarget(partTargetMs);
  });
  const thinner = new PartThinner();
  let loading: Loading = { way: 'parts', roundTripMs: 0 };
  const hold = (partTargetMs: number): void => {
    hls.targetLatency = tuningOf(loading, partTargetMs).startHoldMs / 1000;
  };
  const hls = new Hls({
    ...LIVE_CONFIG,
    ...prefetchLoaders(prefetcher, {
      onPlaylist: (type, address, text) => prefetch.loaded(type, address, text, thinner.isOn),
      waitsForSegments: () => loading.way === 'segments',
      known: (context) => thinner.known(context),
      onPart: (context, data) => thinner.part(context, data, latest()),
    }),
  });
  const latest = (): LevelDetails | null => hls.latestLevelDetails;

  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    const levels = levelsOf(hls);
    expectCaptions(hls.levels);
    queueMicrotask(() => events.onLevels(levels));
  });
  hls.on(Hls.Events.BUFFER_APPENDED, () => events.onAppended());
  hls.on(Hls.Events.LEVEL_SWITCHED, (_event, { level }) => events.onLevel(level));
  hls.on(Hls.Events.FRAG_BUFFERED, (_event, { frag, part }) => {
    const details = latest();
    if (frag.type !== 'main' || details === null || typeof frag.sn !== 'number') return;
    const hasMore = details.partList?.some(
      (other) => other.fragment.sn === frag.sn && other.index > (part?.index ?? Number.POSITIVE_INFINITY),
    );
    if (frag.sn <= details.endSN && hasMore !== true) events.onSegmentEnd();
  });
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (data.fatal) events.onFatal(causeOf(data), data.response?.code ?? null, waitOf(data));
  });
  hls.attachMedia(video);
  hls.loadSource(url);

  return {
    start: (level) => {
      if (hls.levels.length > 1) hls.loadLevel = level;
      hls.startLoad(-1);
    },
    setLevel: (index) => {
      hls.loadLevel = index;
    },
    canSkipPictures: true,
    setKeyframesOnly: (keyframesOnly) => {
      thinner.isOn = keyframesOnly;
    },
    setLoading: (chosen) => {
      loading = chosen;
      hls.lowLatencyMode = loading.way !== 'polled';
      prefetch.isOn = loading.way === 'parts';
      hold(prefetch.partTargetMs);
    },
    livePosition: () => hls.liveSyncPosition,
    edge: () => latest()?.edge ?? null,
    programTimeMs: (mediaTimeS) => programTimeAt(latest(), mediaTimeS),
    runs: () => runsOf(latest()),
    calls: () => callsOf(latest()),
    audioOnlyUrl: () => hls.allAudioTracks[0]?.url ?? null,
    resume: () => resumeLoading(hls, url, -1),
    recoverMedia: (swap) => recoverDecoder(hls, video, swap),
    destroy: () => {
      stopObserving();
      prefetcher.clear();
      hls.destroy();
    },
  };
}

const RETRIES = { timeouts: 1, errors: 2, firstMs: 200, longestMs: 1000 };

const LIVE_CONFIG: Partial<HlsConfig> = {
  ...HLS_BASE_CONFIG,
  ...segmentEndControllers,
  lowLatencyMode: true,
  maxLiveSyncPlaybackRate: 1,
  liveSyncOnStallIncrease: 0,
  liveDurationInfinity: true,
  startFragPrefetch: true,
  testBandwidth: false,
  // Levels are chosen by us, after an error as well.
  preserveManualLevelOnError: true,
  backBufferLength: 20,
  maxBufferLength: 12,
  detectStallWithCurrentTimeMs: 700,
  nudgeOffset: 0.05,
  playlistLoadPolicy: loadPolicy(RELOAD_LIMITS, RETRIES),
  manifestLoadPolicy: entryPolicy({ firstByteMs: 5000, loadMs: 10_000 }, RETRIES),
  fragLoadPolicy: loadPolicy({ firstByteMs: 4000, loadMs: 20_000 }, RETRIES),
};
