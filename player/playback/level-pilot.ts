import { BandwidthEstimator, type Transfer } from '../abr/bandwidth.ts';
import { LevelChooser } from '../abr/chooser.ts';
import { type Level, startLevel } from '../abr/levels.ts';
import { recall, recentBps, remember } from './remembered.ts';

type NavigatorHints = Navigator & {
  readonly connection?: {
    readonly downlink?: number;
    readonly effectiveType?: string;
    readonly saveData?: boolean;
  };
};

/** Frames are counted over this long, in milliseconds. */
const COUNT_MS = 5000;
/** Fewer frames than this tell nothing of the machine. */
const LEAST_FRAMES = 30;

/** Gathers what levels are chosen from: the line, the size of the picture, the frames the machine drops. */
export class LevelPilot {
  readonly #video: HTMLVideoElement;
  readonly #bandwidth = new BandwidthEstimator();
  readonly #chooser = new LevelChooser();
  #dropped = 0;
  #shown = 0;
  #droppedShare = 0;
  #countedAtMs = 0;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  /** Takes one fetched file into account. */
  add(transfer: Transfer): void {
    this.#bandwidth.add(transfer);
  }

  /** Tells that playback ran dry. */
  stalled(nowMs: number): void {
    this.#chooser.stalled(nowMs);
  }

  /** What the line carries, bits a second; null while unknown. */
  estimateBps(nowMs: number): number | null {
    return this.#bandwidth.estimateBps(nowMs);
  }

  /** Frames that were dropped, and all of them, since the element last began. */
  frames(): { readonly dropped: number; readonly shown: number } {
    return { dropped: this.#dropped, shown: this.#shown };
  }

  /** Index of the level to start with. */
  start(levels: readonly Level[]): number {
    const { connection } = navigator as NavigatorHints;
    return startLevel(levels, {
      viewHeightPx: this.#viewHeightPx(),
      rememberedBps: this.estimateBps(performance.now()) ?? recentBps(recall(), Date.now()),
      downlinkMbps: connection?.downlink ?? null,
      effectiveType: connection?.effectiveType ?? null,
      saveData: connection?.saveData ?? false,
    });
  }

  /** Index of the level to go on with. To be asked a few times a second. */
  choose(levels: readonly Level[], current: number): number {
    const nowMs = performance.now();
    this.#count(nowMs);
    return this.#chooser.choose({
      nowMs,
      levels,
      current,
      estimateBps: this.estimateBps(nowMs),
      viewHeightPx: this.#viewHeightPx(),
      droppedShare: this.#droppedShare,
    });
  }

  #count(nowMs: number): void {
    if (nowMs - this.#countedAtMs < COUNT_MS) return;
    this.#countedAtMs = nowMs;
    const { droppedVideoFrames, totalVideoFrames } = this.#video.getVideoPlaybackQuality();
    const shown = totalVideoFrames - this.#shown;
    const telling = document.visibilityState === 'visible' && shown > LEAST_FRAMES;
    this.#droppedShare = telling ? (droppedVideoFrames - this.#dropped) / shown : 0;
    this.#dropped = droppedVideoFrames;
    this.#shown = totalVideoFrames;
    const bps = this.estimateBps(nowMs);
    if (bps !== null) remember({ bps, bpsAtMs: Date.now() });
  }

  #viewHeightPx(): number {
    return Math.round(this.#video.clientHeight * Math.min(2, devicePixelRatio || 1));
  }
}
