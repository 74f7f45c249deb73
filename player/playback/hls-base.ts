import type Hls from 'hls.js';
import type { HlsConfig, LoadPolicy, RetryConfig } from 'hls.js';
import type { Level } from '../abr/levels.ts';

/** hls.js settings that live and timeshift share. */
export const HLS_BASE_CONFIG: Partial<HlsConfig> = {
  autoStartLoad: false,
  // Fragmented MP4 passes through unchanged: a worker would cost a message each way, and a blob: in the CSP.
  enableWorker: false,
  useMediaCapabilities: false,
  // Gaps of a frame or two where one feed ends and the next begins are skipped at once.
  maxBufferHole: 0.15,
  enableDateRangeMetadataCues: false,
  enableEmsgMetadataCues: false,
  enableID3MetadataCues: false,
  enableWebVTT: false,
  enableIMSC1: false,
  // Captions in the pictures; those of CTA-608, which encoders send beside CTA-708 as a rule.
  enableCEA708Captions: true,
  captionsTextTrack1Label: 'CC1',
  captionsTextTrack1LanguageCode: '',
  captionsTextTrack2Label: 'CC2',
  captionsTextTrack2LanguageCode: '',
  captionsTextTrack3Label: 'CC3',
  captionsTextTrack3LanguageCode: '',
  captionsTextTrack4Label: 'CC4',
  captionsTextTrack4LanguageCode: '',
  enableInterstitialPlayback: false,
};

/**
 * How hls.js loads a kind of file before it reports a fatal error.
 *
 * @param limits.firstByteMs and `loadMs`: time limits of one attempt
 * @param retries.firstMs and `longestMs`: bounds of the wait between attempts
 */
export function loadPolicy(
  limits: { readonly firstByteMs: number; readonly loadMs: number },
  retries: {
    readonly timeouts: number;
    readonly errors: number;
    readonly firstMs: number;
    readonly longestMs: number;
  },
): LoadPolicy {
  const retry = (maxNumRetry: number) => ({
    maxNumRetry,
    retryDelayMs: retries.firstMs,
    maxRetryDelayMs: retries.longestMs,
  });
  return {
    default: {
      maxTimeToFirstByteMs: limits.firstByteMs,
      maxLoadTimeMs: limits.loadMs,
      timeoutRetry: retry(retries.timeouts),
      errorRetry: retry(retries.errors),
    },
  };
}

/**
 * The same for an entry point (a multivariant playlist): a server without room says when to come (Retry-After), and asking again
 * at once is what it cannot bear. Who is in is never told so: a 503 for a media playlist or media is a fault like any other.
 */
export function entryPolicy(...[limits, retries]: Parameters<typeof loadPolicy>): LoadPolicy {
  const { default: policy } = loadPolicy(limits, retries);
  const shouldRetry: RetryConfig['shouldRetry'] = (_config, _count, _isTimeout, response, retry) =>
    retry && response?.code !== 503;
  return {
    default: {
      ...policy,
      timeoutRetry: policy.timeoutRetry && { ...policy.timeoutRetry, shouldRetry },
      errorRetry: policy.errorRetry && { ...policy.errorRetry, shouldRetry },
    },
  };
}

/**
 * Lets hls.js look for captions whatever the multivariant playlist says: it is read once, and captions may begin later in a class.
 *
 * @param levels as hls.js has them; changed
 */
export function expectCaptions(
  levels: readonly { readonly attrs: { 'CLOSED-CAPTIONS'?: string | undefined } }[],
): void {
  for (const { attrs } of levels) if (attrs['CLOSED-CAPTIONS'] === 'NONE') delete attrs['CLOSED-CAPTIONS'];
}

/** The levels of the multivariant playlist, ascending by bit rate. */
export function levelsOf(hls: Hls): Level[] {
  return hls.levels.map(({ bitrate: bitrateBps, height: heightPx, frameRate }) => ({
    bitrateBps,
    heightPx,
    frameRate,
  }));
}

/**
 * Continues to load after a failure.
 *
 * @param url multivariant playlist, loaded anew where it has never arrived
 * @param fromS media time in seconds; -1 for live
 */
export function resumeLoading(hls: Hls, url: string, fromS: number): void {
  if (hls.levels.length === 0) {
    hls.loadSource(url);
    return;
  }
  hls.stopLoad();
  hls.startLoad(fromS);
}

/** Recovers from a decoder error; `swap` tries the other profile of the sound. */
export function recoverDecoder(hls: Hls, video: HTMLVideoElement, swap: boolean): void {
  if (swap) hls.swapAudioCodec();
  hls.recoverMediaError();
  // The browser may refuse sound without a tap: then the page asks for one.
  void video.play().catch(() => {});
}
