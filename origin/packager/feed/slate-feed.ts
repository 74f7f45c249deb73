import { segmentTicks } from '../../../shared/grid.ts';
import type { Candidate, Coverage } from '../splicer/splicer.ts';
import type { FeedSource } from './feed.ts';
import type { TrackSegment, TrackSource } from './feed-track.ts';
import type { SlateReel, SlateTrack } from './slate-reel.ts';

/** The slate's kind of feed, its group and its id. */
export const SLATE = 'slate';

/**
 * How far behind the clock the slate runs, in milliseconds: about as far as a broadcast does, so that a player's buffer
 * does not change when the feed changes.
 */
export const SLATE_LAG_MS = 500;

/** The slate as a channel's feed of last resort: always alive, as far along as the clock is. */
export class SlateFeed implements FeedSource {
  readonly id = SLATE;
  readonly kind = SLATE;
  readonly broadcast = '';
  readonly connected = true;
  readonly ending = null;
  readonly tracks: ReadonlyMap<string, TrackSource>;
  readonly #reel: SlateReel;
  #nowMs = Number.NEGATIVE_INFINITY;

  constructor(reel: SlateReel) {
    this.#reel = reel;
    this.tracks = new Map(reel.tracks.map((track) => [track.name, this.#source(track)]));
  }

  /** Moves the slate on to the time given. */
  advance(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  hasTrackIn(): boolean {
    return true;
  }

  isTrackAlive(): boolean {
    return true;
  }

  candidate(number: number): Candidate {
    const coverage = this.#coverage(number);
    return { id: SLATE, group: SLATE, priority: 0, alive: true, connected: true, coverage };
  }

  #coverage(number: number): Coverage {
    const first = this.#reel.tracks[0];
    return first !== undefined && this.#due(first, number).parts.length > 0 ? 'has' : 'may';
  }

  #source(track: SlateTrack): TrackSource {
    const frameTicks = track.samples[0]?.durationTicks ?? 0;
    return {
      name: track.name,
      init: track.init,
      captions: [],
      frameRate: track.init.kind === 'video' ? track.init.timescaleHz / frameTicks : 0,
      coverage: (number) => (this.#due(track, number).parts.length > 0 ? 'has' : 'may'),
      segment: (number) => this.#due(track, number),
    };
  }

  #due(track: SlateTrack, number: number): TrackSegment {
    const dueTicks = ((this.#nowMs - SLATE_LAG_MS) / 1000) * track.init.timescaleHz;
    const ticks = segmentTicks(track.init.timescaleHz, this.#reel.gridUnits);
    // No segment is cut before its time.
    if (number * ticks > dueTicks) return { init: track.init, parts: [], closed: false };
    const whole = this.#reel.segment(track, number);
    if ((number + 1) * ticks <= dueTicks) return whole;
    const parts = whole.parts.filter((part) => part.startTicks + part.durationTicks <= dueTicks);
    return { init: track.init, parts, closed: false };
  }
}
