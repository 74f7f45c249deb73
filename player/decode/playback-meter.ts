import { bufferEnd } from '../playback/buffered.ts';
import type { PlaybackWindow } from './playback-window.ts';

/** A window is at least this long, in milliseconds. */
const WINDOW_MS = 1000;
/** With less than this buffered, playback stands still because nothing arrives: Chromium does with 0.1 s. In seconds. */
const STARVED_WITH_S = 0.2;

type Reading = {
  readonly atMs: number;
  readonly timeS: number;
  readonly decodedFrames: number;
  readonly droppedFrames: number;
};

/** What is read of a video element. */
export type MeteredVideo = Pick<HTMLVideoElement, 'paused' | 'seeking' | 'ended' | 'currentTime'> &
  Pick<EventTarget, 'addEventListener'> & {
    readonly buffered: Pick<TimeRanges, 'length' | 'start' | 'end'>;
    getVideoPlaybackQuality(): Pick<VideoPlaybackQuality, 'droppedVideoFrames' | 'totalVideoFrames'>;
  };

/**
 * Measures how well a browser keeps up with decoding, a few times a second. Counters of the element are read instead of a call
 * for each picture: those calls would be work of the page itself, just when there is too much of it.
 */
export class PlaybackMeter {
  readonly #video: MeteredVideo;
  #from: Reading | null = null;
  #polledAtMs = Number.NaN;
  #decodedFrames = 0;
  #starvedMs = 0;
  #timerLateMs = 0;
  #isStarved = false;

  constructor(video: MeteredVideo) {
    this.#video = video;
    // What is played before and after a seek is no stretch of playback.
    for (const name of ['seeking', 'pause', 'emptied'])
      video.addEventListener(name, () => this.#discard(true));
    video.addEventListener('waiting', () => {
      this.#isStarved = !video.seeking && this.#aheadS() > STARVED_WITH_S;
    });
    video.addEventListener('playing', () => {
      this.#isStarved = false;
    });
  }

  /**
   * Reads the element's counters.
   *
   * @param everyMs how often it is called, by a timer
   * @returns a window where one has ended
   */
  poll(nowMs: number, everyMs: number): PlaybackWindow | null {
    const sinceMs = Number.isNaN(this.#polledAtMs) ? everyMs : nowMs - this.#polledAtMs;
    this.#polledAtMs = nowMs;
    const { paused, seeking, ended } = this.#video;
    if (paused || seeking || ended || document.visibilityState === 'hidden') {
      this.#discard(true);
      return null;
    }
    const { droppedVideoFrames: droppedFrames, totalVideoFrames: decodedFrames } =
      this.#video.getVideoPlaybackQuality();
    const to: Reading = { atMs: nowMs, timeS: this.#video.currentTime, decodedFrames, droppedFrames };
    const from = this.#from;
    const isNewEngine = decodedFrames < this.#decodedFrames;
    this.#decodedFrames = decodedFrames;
    if (from === null || isNewEngine) {
      this.#discard(true);
      this.#from = to;
      return null;
    }
    this.#timerLateMs = Math.max(this.#timerLateMs, sinceMs - everyMs);
    if (this.#isStarved) this.#starvedMs += sinceMs;
    if (nowMs - from.atMs < WINDOW_MS) return null;
    const window: PlaybackWindow = {
      nowMs,
      lastsMs: nowMs - from.atMs,
      playedMs: (to.timeS - from.timeS) * 1000,
      decodedFrames: to.decodedFrames - from.decodedFrames,
      droppedFrames: to.droppedFrames - from.droppedFrames,
      starvedMs: Math.min(this.#starvedMs, nowMs - from.atMs),
      timerLateMs: this.#timerLateMs,
    };
    this.#discard(false);
    this.#from = to;
    return window;
  }

  #aheadS(): number {
    const { buffered, currentTime } = this.#video;
    return bufferEnd(buffered, currentTime) - currentTime;
  }

  #discard(withStall: boolean): void {
    this.#from = null;
    this.#starvedMs = 0;
    this.#timerLateMs = 0;
    if (withStall) this.#isStarved = false;
  }
}
