import { tuningFor } from '../latency/tuning.ts';
import { bufferEnd } from '../playback/buffered.ts';
import { planPrefetch } from './prefetch-plan.ts';
import type { Prefetcher } from './prefetcher.ts';

/** With more than this buffered ahead the next part is not urgent, in seconds. */
const HINT_BUFFER_S = 3;
/** A playlist that was not loaded for this long is joined anew, in milliseconds. */
const JOIN_AFTER_MS = 4000;

/** Requests what media playlists announce, before hls.js does. */
export class PlaylistPrefetch {
  readonly #video: HTMLVideoElement;
  readonly #prefetcher: Prefetcher;
  readonly #onPartTarget: (partTargetMs: number) => void;
  readonly #loadedAtMs = new Map<string, number>();
  /** Whether anything is requested: parts are loaded. */
  isOn = true;
  /** Parts of the last playlist, by its address. */
  readonly #known = new Map<string, ReadonlySet<string>>();
  #partTargetMs = 0;

  /** @param onPartTarget called when the part target is known or has changed, with milliseconds */
  constructor(video: HTMLVideoElement, prefetcher: Prefetcher, onPartTarget: (partTargetMs: number) => void) {
    this.#video = video;
    this.#prefetcher = prefetcher;
    this.#onPartTarget = onPartTarget;
  }

  /** The part target that is known, in milliseconds; 0 before. */
  get partTargetMs(): number {
    return this.#partTargetMs;
  }

  /**
   * Reads a playlist and requests what it announces.
   *
   * @param type hls.js's type of the playlist
   * @param address absolute or relative to the page, after redirects
   * @param keyframesOnly most parts of pictures will not be needed
   */
  loaded(type: string, address: string, text: string, keyframesOnly = false): void {
    // The sound alone is played from its media playlist, which hls.js then loads as if it were the multivariant one.
    const isMedia = type === 'level' || type === 'audioTrack' || text.includes('#EXT-X-PART-INF');
    if (!isMedia) return;
    const plan = planPrefetch(text, (targetMs) => tuningFor(targetMs).startHoldMs);
    if (plan.partTargetMs > 0 && plan.partTargetMs !== this.#partTargetMs) {
      this.#partTargetMs = plan.partTargetMs;
      this.#onPartTarget(plan.partTargetMs);
    }
    if (!this.isOn) return;
    const isSkipped = keyframesOnly && type === 'level';
    const fresh = this.#freshOf(address, plan.newest);
    if (this.#isJoining(address)) {
      for (const uri of [plan.init, ...plan.parts]) if (uri !== null) this.#want(uri, address, false);
    }
    // Far from the server several parts come with one playlist: requested one after the other they would take a round trip each.
    else if (!isSkipped && this.#isAtEdge()) for (const uri of fresh) this.#want(uri, address, false);
    if (plan.hint !== null && !isSkipped && this.#isAtEdge()) this.#want(plan.hint, address, true);
  }

  /** Parts that the last playlist did not have; none of the first one. */
  #freshOf(address: string, newest: readonly string[]): readonly string[] {
    const playlist = address.replace(/\?.*$/, '');
    const known = this.#known.get(playlist);
    this.#known.set(playlist, new Set(newest));
    return known === undefined ? [] : newest.filter((uri) => !known.has(uri));
  }

  #isJoining(address: string): boolean {
    const playlist = address.replace(/\?.*$/, '');
    const nowMs = performance.now();
    const sinceMs = nowMs - (this.#loadedAtMs.get(playlist) ?? Number.NEGATIVE_INFINITY);
    this.#loadedAtMs.set(playlist, nowMs);
    return sinceMs > JOIN_AFTER_MS;
  }

  /** A viewer who paused is not at the edge and needs nothing from it. */
  #isAtEdge(): boolean {
    const { paused, buffered, currentTime } = this.#video;
    return !paused && bufferEnd(buffered, currentTime) - currentTime < HINT_BUFFER_S;
  }

  #want(uri: string, base: string, awaited: boolean): void {
    this.#prefetcher.want(new URL(uri, new URL(base, location.href)).href, awaited);
  }
}
