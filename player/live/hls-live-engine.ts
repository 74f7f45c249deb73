import Hls, {
  type HlsConfig,
  type LevelDetails,
  type LoaderCallbacks,
  type LoaderConfiguration,
  type LoaderContext,
  type PlaylistLoaderContext,
} from 'hls.js';
import { observeTransfers } from '../abr/transfer-observer.ts';
import { tuningFor } from '../latency/tuning.ts';
import { bufferEnd } from '../playback/buffered.ts';
import { causeOf, programTimeAt, runsOf } from '../playback/playlist-times.ts';
import type { LiveEngine, LiveEngineEvents } from './live-engine.ts';
import { type Fetched, Prefetcher } from './prefetcher.ts';
import { planPrefetch } from './prefetch-plan.ts';
import { segmentEndControllers } from './segment-ends.ts';

/** With more than this buffered ahead nobody is in a hurry for the next part, in seconds. */
const HINT_BUFFER_S = 3;
/** A playlist that was not loaded for so long is joined anew, in milliseconds. */
const JOIN_AFTER_MS = 4000;

/**
 * Plays by hls.js. The only file that knows it.
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
  const stopObserving = observeTransfers((address) => prefetcher.kindOf(address), events.onTransfer);
  const Loader = Hls.DefaultConfig.loader;

  /** Looks into playlists as they come, and asks for what they announce. */
  class PlaylistLoader extends Loader {
    override load(
      context: LoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<LoaderContext>,
    ): void {
      super.load(context, config, {
        ...callbacks,
        onSuccess: (response, stats, context, details) => {
          if (typeof response.data === 'string')
            announced(context as PlaylistLoaderContext, response.url, response.data);
          callbacks.onSuccess(response, stats, context, details);
        },
      });
    }
  }

  /** Hands out what was asked for ahead of time, and loads the rest. */
  class PartLoader extends Loader {
    #abandon: (() => void) | null = null;
    override load(
      context: LoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<LoaderContext>,
    ): void {
      const pending = context.rangeEnd ? undefined : prefetcher.take(context.url);
      if (pending === undefined) {
        super.load(context, config, callbacks);
        return;
      }
      this.context = context;
      this.#abandon = () => callbacks.onAbort?.(this.stats, context, null);
      void pending.then((fetched) => {
        if (this.#abandon === null) return;
        this.#abandon = null;
        if (fetched === null) super.load(context, config, callbacks);
        else give(fetched, context, this.stats, callbacks);
      });
    }
    override abort(): void {
      const abandon = this.#abandon;
      this.#abandon = null;
      this.stats.aborted = true;
      if (abandon === null) super.abort();
      else abandon();
    }
    override destroy(): void {
      this.#abandon = null;
      super.destroy();
    }
  }

  function give(
    fetched: Fetched,
    context: LoaderContext,
    stats: InstanceType<typeof Loader>['stats'],
    callbacks: LoaderCallbacks<LoaderContext>,
  ): void {
    stats.loading.start = fetched.startMs;
    stats.loading.first = fetched.firstMs;
    stats.loading.end = fetched.endMs;
    stats.loaded = stats.total = fetched.data.byteLength;
    callbacks.onSuccess({ url: context.url, data: fetched.data, code: 200 }, stats, context, null);
  }

  const seen = new Map<string, number>();
  let partTargetMs = 0;

  function announced(context: PlaylistLoaderContext, address: string, text: string): void {
    const kind: string = context.type;
    // The sound alone is played from its media playlist, which is then loaded as if it were the multivariant one.
    const isMedia = kind === 'level' || kind === 'audioTrack' || text.includes('#EXT-X-PART-INF');
    if (!isMedia) return;
    const plan = planPrefetch(text, (targetMs) => tuningFor(targetMs).startHoldMs);
    if (plan.partTargetMs > 0 && plan.partTargetMs !== partTargetMs) {
      partTargetMs = plan.partTargetMs;
      hls.targetLatency = tuningFor(partTargetMs).startHoldMs / 1000;
      events.onPartTarget(partTargetMs);
    }
    const list = address.replace(/\?.*$/, '');
    const joining = performance.now() - (seen.get(list) ?? Number.NEGATIVE_INFINITY) > JOIN_AFTER_MS;
    seen.set(list, performance.now());
    if (joining) {
      for (const uri of [plan.init, ...plan.parts]) if (uri !== null) want(uri, address, false);
    }
    // A viewer who paused is not at the edge and wants nothing of it.
    if (
      plan.hint !== null &&
      !video.paused &&
      bufferEnd(video.buffered, video.currentTime) - video.currentTime < HINT_BUFFER_S
    )
      want(plan.hint, address, true);
  }

  function want(uri: string, base: string, awaited: boolean): void {
    prefetcher.want(new URL(uri, new URL(base, location.href)).href, awaited);
  }

  const hls = new Hls(hlsConfig(PlaylistLoader, PartLoader));
  const latest = (): LevelDetails | null => hls.latestLevelDetails;

  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    const levels = hls.levels.map((level) => ({
      bitrateBps: level.bitrate,
      heightPx: level.height,
      frameRate: level.frameRate,
    }));
    queueMicrotask(() => events.onLevels(levels));
  });
  hls.on(Hls.Events.BUFFER_APPENDED, () => events.onAppended());
  hls.on(Hls.Events.LEVEL_SWITCHED, (_event, { level }) => events.onLevel(level));
  hls.on(Hls.Events.FRAG_BUFFERED, (_event, { frag, part }) => {
    const details = latest();
    if (frag.type !== 'main' || details === null || typeof frag.sn !== 'number') return;
    const more = details.partList?.some(
      (other) => other.fragment.sn === frag.sn && other.index > (part?.index ?? 999),
    );
    if (frag.sn <= details.endSN && more !== true) events.onSegmentEnd();
  });
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (data.fatal) events.onFatal(causeOf(data), data.response?.code ?? null, data.details);
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
    livePosition: () => hls.liveSyncPosition,
    programTimeMs: (mediaTimeS) => programTimeAt(latest(), mediaTimeS),
    runs: () => runsOf(latest()),
    audioOnlyUrl: () => hls.allAudioTracks[0]?.url ?? null,
    resume: () => {
      if (hls.levels.length === 0) {
        hls.loadSource(url);
        return;
      }
      hls.stopLoad();
      hls.startLoad(-1);
    },
    recoverMedia: (swap) => {
      if (swap) hls.swapAudioCodec();
      hls.recoverMediaError();
      void video.play().catch(() => {});
    },
    destroy: () => {
      stopObserving();
      prefetcher.clear();
      hls.destroy();
    },
  };
}

type LoaderClass = typeof Hls.DefaultConfig.loader;

function hlsConfig(pLoader: LoaderClass, fLoader: LoaderClass): Partial<HlsConfig> {
  const retry = (maxNumRetry: number) => ({ maxNumRetry, retryDelayMs: 200, maxRetryDelayMs: 1000 });
  const policy = (firstByteMs: number, loadMs: number) => ({
    default: {
      maxTimeToFirstByteMs: firstByteMs,
      maxLoadTimeMs: loadMs,
      timeoutRetry: retry(1),
      errorRetry: retry(2),
    },
  });
  return {
    pLoader: pLoader as NonNullable<HlsConfig['pLoader']>,
    fLoader: fLoader as NonNullable<HlsConfig['fLoader']>,
    ...segmentEndControllers,
    autoStartLoad: false,
    // Fragmented MP4 passes through unchanged: a worker would cost a message each way, and a blob: in the CSP.
    enableWorker: false,
    lowLatencyMode: true,
    maxLiveSyncPlaybackRate: 1,
    liveSyncOnStallIncrease: 0,
    liveDurationInfinity: true,
    startFragPrefetch: true,
    testBandwidth: false,
    // Levels are chosen by us, after an error as well.
    preserveManualLevelOnError: true,
    useMediaCapabilities: false,
    backBufferLength: 20,
    maxBufferLength: 12,
    // Gaps of a frame or two where one feed ends and the next begins are stepped over at once.
    maxBufferHole: 0.15,
    detectStallWithCurrentTimeMs: 700,
    nudgeOffset: 0.05,
    enableDateRangeMetadataCues: false,
    enableEmsgMetadataCues: false,
    enableID3MetadataCues: false,
    enableWebVTT: false,
    enableIMSC1: false,
    enableCEA708Captions: false,
    enableInterstitialPlayback: false,
    // A blocking reload may be held for three target durations (RFC 8216bis §6.2.5.2).
    playlistLoadPolicy: policy(7000, 12_000),
    manifestLoadPolicy: policy(5000, 10_000),
    fragLoadPolicy: policy(4000, 20_000),
  };
}
