import Hls, {
  type FragmentLoaderContext,
  type HlsConfig,
  type LoaderCallbacks,
  type LoaderConfiguration,
  type LoaderContext,
  type PlaylistLoaderContext,
} from 'hls.js';
import type { Fetched, Prefetcher } from './prefetcher.ts';
import { RELOAD_LIMITS, waitsForPart, wholeSegmentRequest, wholeSegmentsAlone } from './segment-reload.ts';

type LoaderStats = InstanceType<typeof Hls.DefaultConfig.loader>['stats'];

/**
 * The loaders that let hls.js use files which were requested ahead of time.
 *
 * @param hooks.onPlaylist called with each playlist before hls.js reads it: its type, final address and text
 * @param hooks.waitsForSegments whether playlists wait for whole segments: hls.js then reads and requests them without parts
 * @param hooks.onPart called with each media file before hls.js reads it; returns what it reads
 * @param hooks.known returns what hls.js reads for a media file that is not to be requested; null for one that is
 * @returns settings of hls.js
 */
export function prefetchLoaders(
  prefetcher: Prefetcher,
  hooks: {
    readonly onPlaylist: (type: string, address: string, text: string) => void;
    readonly waitsForSegments: () => boolean;
    readonly onPart: (context: FragmentLoaderContext, data: ArrayBuffer) => ArrayBuffer;
    readonly known: (context: FragmentLoaderContext) => ArrayBuffer | null;
  },
): Pick<HlsConfig, 'pLoader' | 'fLoader'> {
  const Loader = Hls.DefaultConfig.loader;

  class PlaylistLoader extends Loader {
    override load(
      context: LoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<LoaderContext>,
    ): void {
      const url = hooks.waitsForSegments() ? wholeSegmentRequest(context.url) : context.url;
      const isLonger = url !== context.url;
      super.load(isLonger ? { ...context, url } : context, isLonger ? patient(config) : config, {
        ...callbacks,
        onSuccess: (response, stats, context, details) => {
          const { type } = context as PlaylistLoaderContext;
          if (typeof response.data === 'string') {
            hooks.onPlaylist(type, response.url, response.data);
            // What answers a request for a part has to have it: hls.js takes it for no news else, and would ask much later.
            if (hooks.waitsForSegments() && !waitsForPart(url))
              response.data = wholeSegmentsAlone(response.data);
          }
          callbacks.onSuccess(response, stats, context, details);
        },
      });
    }
  }

  /** Passes on what the prefetcher has, and loads the rest. */
  class PartLoader extends Loader {
    #abandon: (() => void) | null = null;
    override load(
      context: LoaderContext,
      config: LoaderConfiguration,
      given: LoaderCallbacks<LoaderContext>,
    ): void {
      const callbacks: LoaderCallbacks<LoaderContext> = {
        ...given,
        onSuccess: (response, stats, context, details) => {
          if (response.data instanceof ArrayBuffer)
            response.data = hooks.onPart(context as FragmentLoaderContext, response.data);
          given.onSuccess(response, stats, context, details);
        },
      };
      const known = hooks.known(context as FragmentLoaderContext);
      if (known !== null) {
        const nowMs = performance.now();
        const fetched = { data: known, startMs: nowMs, firstMs: nowMs, endMs: nowMs, awaited: false };
        this.#await(Promise.resolve(fetched), context, config, given);
        return;
      }
      const pending = context.rangeEnd ? undefined : prefetcher.take(context.url);
      if (pending === undefined) super.load(context, config, callbacks);
      else this.#await(pending, context, config, callbacks);
    }
    #await(
      pending: Promise<Fetched | null>,
      context: LoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<LoaderContext>,
    ): void {
      this.context = context;
      this.#abandon = () => callbacks.onAbort?.(this.stats, context, null);
      void pending.then((fetched) => {
        if (this.#abandon === null) return;
        this.#abandon = null;
        if (fetched === null) super.load(context, config, callbacks);
        else deliver(fetched, context, this.stats, callbacks);
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

  return {
    pLoader: PlaylistLoader as NonNullable<HlsConfig['pLoader']>,
    fLoader: PartLoader as NonNullable<HlsConfig['fLoader']>,
  };
}

/** hls.js allows a request for a part as long as the next part takes; a whole segment takes longer. */
function patient(config: LoaderConfiguration): LoaderConfiguration {
  const { firstByteMs: maxTimeToFirstByteMs, loadMs: maxLoadTimeMs } = RELOAD_LIMITS;
  return { ...config, loadPolicy: { ...config.loadPolicy, maxTimeToFirstByteMs, maxLoadTimeMs } };
}

function deliver(
  fetched: Fetched,
  context: LoaderContext,
  stats: LoaderStats,
  callbacks: LoaderCallbacks<LoaderContext>,
): void {
  stats.loading.start = fetched.startMs;
  stats.loading.first = fetched.firstMs;
  stats.loading.end = fetched.endMs;
  stats.loaded = stats.total = fetched.data.byteLength;
  callbacks.onSuccess({ url: context.url, data: fetched.data, code: 200 }, stats, context, null);
}
