import { type Awaited, awaitedMedia } from '../../shared/awaited-media.ts';

/** What the statistics need of a media packet. */
export type StatisticsPacket = {
  readonly kind: 'audio' | 'video';
  /** Unwrapped RTMP timestamp, milliseconds. */
  readonly timestampMs: number;
  readonly sizeBytes: number;
  /** True for a keyframe; ignored for sound. */
  readonly isSync: boolean;
  /** Presentation minus decode time, milliseconds. */
  readonly compositionOffsetMs: number;
  /** The second field of the picture in front of it: not one more. */
  readonly isSecondField?: boolean;
};

/** Measurements of a publication. Null where there is not enough data yet. */
export type StatisticsView = {
  /** Frames a second, measured over the last seconds. */
  readonly frameRate: number | null;
  /** Time between the last two keyframes, seconds. */
  readonly gopLengthS: number | null;
  /** Over the last seconds, bits a second. */
  readonly videoBps: number;
  readonly audioBps: number;
  /** Rate of the publisher's clock relative to ours, parts per million; negative when it is slower. */
  readonly clockDriftPpm: number | null;
  /** How much later sound arrives than the picture of the same timestamp, milliseconds; negative when it is earlier. */
  readonly avSkewMs: number | null;
  /** True when the display order differs from the decode order. */
  readonly bFrames: boolean;
  /** What has not come yet, or not for some seconds. */
  readonly awaited: readonly Awaited[];
  readonly onAirS: number;
  readonly receivedBytes: number;
};

type Bucket = {
  readonly second: number;
  bytes: { audio: number; video: number };
  frames: number;
  /** Smallest arrival − timestamp of the second: the packet that the network delayed least. */
  lag: { audio: number; video: number };
  firstVideoMs: number;
  lastVideoMs: number;
};

/** Window for rates, whole seconds. */
const RATE_WINDOW_S = 5;
/** Window for the clock drift, seconds; null before {@link DRIFT_MIN_S} have passed. */
const DRIFT_WINDOW_S = 120;
const DRIFT_MIN_S = 10;

/** Measures one publication. Memory is bounded: sums per second of the last two minutes. */
export class PublishStatistics {
  readonly #startMs: number;
  readonly #buckets: Bucket[] = [];
  #receivedBytes = 0;
  #bFrames = false;
  /** Arrival of the newest packet of each kind. */
  readonly #newestMs: { audio: number | null; video: number | null } = { audio: null, video: null };
  #firstOffsetMs: number | null = null;
  #lastKeyframeMs: number | null = null;
  #gopLengthS: number | null = null;

  /** @param startMs when the publish was accepted, UTC milliseconds */
  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** Counts a packet that arrived at `nowMs`, UTC milliseconds. */
  add(packet: StatisticsPacket, nowMs: number): void {
    const bucket = this.#bucketAt(Math.floor(nowMs / 1000));
    this.#receivedBytes += packet.sizeBytes;
    this.#newestMs[packet.kind] = nowMs;
    bucket.bytes[packet.kind] += packet.sizeBytes;
    bucket.lag[packet.kind] = Math.min(bucket.lag[packet.kind], nowMs - packet.timestampMs);
    if (packet.kind === 'audio' || packet.isSecondField === true) return;
    bucket.frames++;
    bucket.firstVideoMs = Math.min(bucket.firstVideoMs, packet.timestampMs);
    bucket.lastVideoMs = Math.max(bucket.lastVideoMs, packet.timestampMs);
    // Without B-frames every picture has the same composition offset, usually 0.
    this.#firstOffsetMs ??= packet.compositionOffsetMs;
    if (packet.compositionOffsetMs !== this.#firstOffsetMs) this.#bFrames = true;
    if (!packet.isSync) return;
    if (this.#lastKeyframeMs !== null) this.#gopLengthS = (packet.timestampMs - this.#lastKeyframeMs) / 1000;
    this.#lastKeyframeMs = packet.timestampMs;
  }

  /** @param nowMs UTC milliseconds */
  view(nowMs: number): StatisticsView {
    const thisSecond = Math.floor(nowMs / 1000);
    const recent = this.#buckets.filter(
      ({ second }) => second >= thisSecond - RATE_WINDOW_S && second < thisSecond,
    );
    const spanS = Math.min(RATE_WINDOW_S, Math.max(1, thisSecond - Math.floor(this.#startMs / 1000)));
    const silentMs = (newestMs: number | null) => (newestMs === null ? null : nowMs - newestMs);
    const { audio, video } = this.#newestMs;
    const bps = (kind: 'audio' | 'video') => (recent.reduce((sum, b) => sum + b.bytes[kind], 0) * 8) / spanS;
    return {
      frameRate: measuredFrameRate(recent),
      gopLengthS: this.#gopLengthS,
      videoBps: Math.round(bps('video')),
      audioBps: Math.round(bps('audio')),
      clockDriftPpm: driftPpm(this.#buckets.filter(({ second }) => second < thisSecond)),
      avSkewMs: skewMs(recent),
      bFrames: this.#bFrames,
      awaited: awaitedMedia({ picture: silentMs(video), sound: silentMs(audio) }),
      onAirS: Math.max(0, (nowMs - this.#startMs) / 1000),
      receivedBytes: this.#receivedBytes,
    };
  }

  #bucketAt(second: number): Bucket {
    const last = this.#buckets.at(-1);
    // When the clock is set back the buckets stay in order.
    if (last !== undefined && second <= last.second) return last;
    const never = Number.POSITIVE_INFINITY;
    const bucket: Bucket = {
      second,
      bytes: { audio: 0, video: 0 },
      frames: 0,
      lag: { audio: never, video: never },
      firstVideoMs: never,
      lastVideoMs: -never,
    };
    this.#buckets.push(bucket);
    if (this.#buckets.length > DRIFT_WINDOW_S) this.#buckets.shift();
    return bucket;
  }
}

/** From timestamps, not arrivals: frames between the first and the last picture. */
function measuredFrameRate(buckets: readonly Bucket[]): number | null {
  const frames = buckets.reduce((sum, b) => sum + b.frames, 0);
  const spanMs =
    Math.max(...buckets.map((b) => b.lastVideoMs)) - Math.min(...buckets.map((b) => b.firstVideoMs));
  return frames > 1 && spanMs > 0 ? Math.round(((frames - 1) / spanMs) * 100_000) / 100 : null;
}

function skewMs(buckets: readonly Bucket[]): number | null {
  const audioMs = Math.min(...buckets.map((b) => b.lag.audio));
  const videoMs = Math.min(...buckets.map((b) => b.lag.video));
  const skew = audioMs - videoMs;
  return Number.isFinite(skew) ? Math.round(skew) : null;
}

/** Slope of the smallest lag over time by least squares. Jitter only increases a lag, so the minimum is the best estimate. */
function driftPpm(buckets: readonly Bucket[]): number | null {
  const points = buckets
    .map(({ second, lag }) => ({ x: second, y: Math.min(lag.audio, lag.video) }))
    .filter(({ y }) => Number.isFinite(y));
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || last.x - first.x < DRIFT_MIN_S) return null;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  let covariance = 0;
  let variance = 0;
  for (const { x, y } of points) {
    covariance += (x - meanX) * (y - meanY);
    variance += (x - meanX) ** 2;
  }
  // Milliseconds of lag per second × 1000 = parts per million. A growing lag means a slow clock.
  return Math.round((-covariance / variance) * 1000);
}
