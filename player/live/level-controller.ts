import { BandwidthEstimator, type Transfer } from '../abr/bandwidth.ts';
import { LevelChooser } from '../abr/chooser.ts';
import { type Level, startLevel } from '../abr/levels.ts';
import { recall, recentBps, remember } from '../playback/remembered.ts';
import { viewHeightPx } from '../playback/view-height.ts';
import type { PlaybackStats } from './live-view.ts';

type NavigatorHints = Navigator & {
  readonly connection?: {
    readonly downlink?: number;
    readonly effectiveType?: string;
    readonly saveData?: boolean;
  };
};

/** How often frames are counted and the bit rate is remembered, in milliseconds. */
const COUNT_MS = 5000;

/** Chooses the level: measures the network and the size of the picture, and remembers which level is wanted. */
export class LevelController {
  readonly #video: HTMLVideoElement;
  readonly #bandwidth = new BandwidthEstimator();
  readonly #chooser = new LevelChooser();
  #wanted: number | null = null;
  #dropped = 0;
  #shown = 0;
  #countedAtMs = 0;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  /** Takes one fetched file into account. */
  add(transfer: Transfer): void {
    this.#bandwidth.add(transfer);
  }

  /** Playback ran dry. */
  stalled(nowMs: number): void {
    this.#chooser.stalled(nowMs);
  }

  /** Bit rate of the network, bits a second; null while unknown. */
  estimateBps(nowMs: number): number | null {
    return this.#bandwidth.estimateBps(nowMs);
  }

  /** What the statistics show about network and machine. */
  stats(nowMs: number): Pick<PlaybackStats, 'estimateBps' | 'droppedFrames' | 'shownFrames'> {
    return {
      estimateBps: this.estimateBps(nowMs),
      droppedFrames: this.#dropped,
      shownFrames: this.#shown,
    };
  }

  /** Index of the level to start with. */
  start(levels: readonly Level[]): number {
    const { connection } = navigator as NavigatorHints;
    return startLevel(levels, {
      viewHeightPx: viewHeightPx(this.#video),
      rememberedBps: this.estimateBps(performance.now()) ?? recentBps(recall(), Date.now()),
      downlinkMbps: connection?.downlink ?? null,
      effectiveType: connection?.effectiveType ?? null,
      saveData: connection?.saveData ?? false,
    });
  }

  /** Wants a level from the end of the present segment on. */
  want(index: number): void {
    this.#wanted = index;
  }

  /** Takes the wanted level; null when there is none. */
  takeWanted(): number | null {
    const wanted = this.#wanted;
    this.#wanted = null;
    return wanted;
  }

  /**
   * Decides which level is wanted. To be called a few times a second.
   *
   * @param playing index of the level on the screen; -1 while unknown
   * @param chosen by the viewer; null for automatic
   * @param maxLevel index of the highest level that the machine can decode; it bounds the viewer's choice as well
   */
  plan(levels: readonly Level[], playing: number, chosen: number | null, maxLevel: number): void {
    const current = this.#wanted ?? playing;
    if (levels.length < 2 || current < 0) return;
    const next = this.#choose(levels, current, maxLevel);
    const asked = chosen === null ? null : Math.min(chosen, maxLevel);
    if (asked === null && next !== current) this.#wanted = next;
    else if (asked !== null && asked !== current && asked < levels.length) this.#wanted = asked;
  }

  #choose(levels: readonly Level[], current: number, maxLevel: number): number {
    const nowMs = performance.now();
    this.#count(nowMs);
    return this.#chooser.choose({
      nowMs,
      levels,
      current,
      estimateBps: this.estimateBps(nowMs),
      viewHeightPx: viewHeightPx(this.#video),
      maxLevel,
    });
  }

  #count(nowMs: number): void {
    if (nowMs - this.#countedAtMs < COUNT_MS) return;
    this.#countedAtMs = nowMs;
    const { droppedVideoFrames, totalVideoFrames } = this.#video.getVideoPlaybackQuality();
    this.#dropped = droppedVideoFrames;
    this.#shown = totalVideoFrames;
    const bps = this.estimateBps(nowMs);
    if (bps !== null) remember({ bps, bpsAtMs: Date.now() });
  }
}
