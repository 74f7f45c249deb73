import type { PlaybackWindow } from './playback-window.ts';

/** So many of the last windows tell the usual rate: a quarter of a minute. */
const RECENT = 15;
/** With fewer it is not known. */
const LEAST = 3;
/** Windows in which less than this was played say nothing, milliseconds of media. */
const LEAST_PLAYED_MS = 300;
/** Rates differ by this much from window to window, as a share. */
const TOLERANCE = 0.2;

/**
 * Tells the pictures apart that are only decoded: where an encoder was late, what came too late stands in front of the next picture,
 * with next to no time, because that one refers to it. A browser counts such pictures as dropped, though nobody was to see them.
 */
export class UsualRate {
  /** Pictures in a second of media, of recent windows. */
  #rates: number[] = [];

  /**
   * Takes a window into account.
   *
   * @returns its pictures beyond the usual number; 0 while that is not known
   */
  beyond({ playedMs, decodedFrames }: Pick<PlaybackWindow, 'playedMs' | 'decodedFrames'>): number {
    if (playedMs < LEAST_PLAYED_MS) return 0;
    const usual = this.#usual();
    this.#rates = [...this.#rates, (decodedFrames * 1000) / playedMs].slice(-RECENT);
    if (usual === null) return 0;
    const expected = (usual * playedMs) / 1000;
    return decodedFrames <= expected * (1 + TOLERANCE) ? 0 : decodedFrames - expected;
  }

  #usual(): number | null {
    if (this.#rates.length < LEAST) return null;
    const sorted = [...this.#rates].sort((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
  }
}
