import { bufferEnd } from '../playback/buffered.ts';
import type { TimeshiftEngine } from './timeshift-engine.ts';
import type { TimeshiftView } from './timeshift-view.ts';

/** Where a timeshift ends: UTC milliseconds, and whether it stays there. */
export type TimeshiftEnd = { readonly atMs: number; readonly isFinal: boolean };

/** What a position is made from. */
export type TimeshiftPositionOptions = {
  readonly video: HTMLVideoElement;
  readonly view: Pick<TimeshiftView, 'positionMs' | 'lengthMs' | 'bufferedToMs'>;
  /** The engine that plays now; null while there is none. */
  readonly engine: () => TimeshiftEngine | null;
  /** The end, where it is not the playlist's own; null for that one. */
  readonly end: () => TimeshiftEnd | null;
  /** Where to start, milliseconds since the beginning. */
  readonly startMs: number;
};

/** The playhead need not come closer to the end than this, in milliseconds. */
const END_SLACK_MS = 150;

/**
 * Position and length of a timeshift, in milliseconds since its beginning. Engines count in media time instead, and an engine that is
 * still loading cannot seek: the seek is then pending until its first picture.
 */
export class TimeshiftPosition {
  readonly #options: TimeshiftPositionOptions;
  #pendingMs: number | null;
  #hasPicture = false;

  constructor(options: TimeshiftPositionOptions) {
    this.#options = options;
    this.#pendingMs = options.startMs;
    options.view.positionMs.value = options.startMs;
  }

  /** The engine that plays now has shown a picture. */
  get hasPicture(): boolean {
    return this.#hasPicture;
  }

  /** A new engine is made. Returns where it has to start, in milliseconds. */
  restart(): number {
    const startMs = this.#pendingMs ?? this.#options.view.positionMs.value;
    this.#hasPicture = false;
    this.#pendingMs = null;
    return startMs;
  }

  /** The first picture is loaded: carries out a pending seek. */
  loaded(): void {
    this.#hasPicture = true;
    const pendingMs = this.#pendingMs;
    this.#pendingMs = null;
    if (pendingMs !== null) this.seekTo(pendingMs);
  }

  /** @param positionMs cut to what can be played */
  seekTo(positionMs: number): void {
    const { video, view, engine } = this.#options;
    const lengthMs = view.lengthMs.value;
    const wantedMs = Math.max(0, lengthMs > 0 ? Math.min(positionMs, lengthMs) : positionMs);
    const originS = engine()?.range()?.startS;
    view.positionMs.value = wantedMs;
    if (originS === undefined || !this.#hasPicture) this.#pendingMs = wantedMs;
    else video.currentTime = originS + wantedMs / 1000;
  }

  /** Moves the view's position to the end. */
  moveToEnd(): void {
    const { positionMs, lengthMs } = this.#options.view;
    positionMs.value = lengthMs.value;
  }

  /** Program date time of the beginning, UTC milliseconds; null while unknown. */
  #beginMs(): number | null {
    const engine = this.#options.engine();
    const startS = engine?.range()?.startS;
    return startS === undefined ? null : (engine?.programTimeMs(startS) ?? null);
  }

  /**
   * Brings the view up to date: the length always, the position unless playback has ended.
   *
   * @returns true when the playhead has reached an end that is final
   */
  measure(hasEnded: boolean): boolean {
    const { video, view, engine } = this.#options;
    const range = engine()?.range() ?? null;
    if (range === null) return false;
    const msOf = (seconds: number) => Math.max(0, (seconds - range.startS) * 1000);
    const end = this.#options.end();
    const beginMs = end === null ? null : this.#beginMs();
    const lengthMs = end === null || beginMs === null ? msOf(range.endS) : Math.max(0, end.atMs - beginMs);
    view.lengthMs.value = lengthMs;
    if (!this.#hasPicture || hasEnded) return false;
    view.positionMs.value = Math.min(lengthMs, msOf(video.currentTime));
    view.bufferedToMs.value = Math.min(lengthMs, msOf(bufferEnd(video.buffered, video.currentTime)));
    return end?.isFinal === true && view.positionMs.value >= lengthMs - END_SLACK_MS;
  }
}
