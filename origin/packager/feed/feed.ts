import type { Sample } from '../../../media/bmff/sample.ts';
import { segmentNumberAt } from '../../../shared/grid.ts';
import type { FeedName } from '../../../shared/names.ts';
import { type FeedEnding, FeedLiveness, PATIENCE_MS, type TrackEnding } from './feed-liveness.ts';
import { FeedTrack, type FeedTrackOptions, type TrackSource } from './feed-track.ts';
import type { TrackInit } from '../media.ts';
import type { Candidate, Coverage } from '../splicer/splicer.ts';

/** A feed that is further behind the clock than this counts as dead, whatever the window, in milliseconds. */
export const MAX_LAG_MS = 30_000;
/** How long a feed that does not announce its tracks is given to open them all, in milliseconds. */
const SETTLE_MS = 1000;

/** A feed as the timeline sees it: one that is pushed, or the slate. */
export type FeedSource = {
  readonly id: string;
  readonly kind: string;
  readonly broadcast: string;
  readonly tracks: ReadonlyMap<string, TrackSource>;
  candidate(number: number, nowMs: number): Candidate;
  /** False when a track is away in a segment: its encoder gave it up for a while, and another track stands in for it. */
  hasTrackIn(track: string, number: number): boolean;
  /** False when nothing more will come on a track: the feed ended, or the track has been silent for too long. */
  isTrackAlive(track: string, nowMs: number): boolean;
  readonly connected: boolean;
  /** How it ended; null while it runs, and when its connections broke without an ending. */
  readonly ending: FeedEnding | null;
};

/** How a feed is cut and retained, and how late it may be. */
export type FeedOptions = FeedTrackOptions & {
  /** Further behind the clock it counts as dead, in milliseconds. */
  readonly maxLagMs: number;
};

/** One feed of a channel, as an uplink or an encoder pushes it: its tracks, and what it can deliver. */
export class Feed implements FeedSource {
  readonly id: string;
  readonly kind: string;
  readonly broadcast: string;
  readonly tracks = new Map<string, FeedTrack>();
  readonly #priority: number;
  readonly #options: FeedOptions;
  readonly #liveness: FeedLiveness;
  #announced: readonly string[] = [];
  /** First segment numbers of new encodings, ascending. */
  readonly #changes: number[] = [];
  /** When tracks were last away, in segment numbers; `untilNumber` is not finite while they are. */
  readonly #away = new Map<string, { readonly fromNumber: number; readonly untilNumber: number }>();

  constructor(name: FeedName, priority: number, options: FeedOptions) {
    this.id = name.id;
    this.kind = name.kind;
    this.broadcast = name.broadcast;
    this.#priority = priority;
    this.#options = options;
    this.#liveness = new FeedLiveness(options.maxLagMs);
  }

  get connected(): boolean {
    return this.#liveness.connected;
  }

  get ending(): FeedEnding | null {
    return this.#liveness.ending;
  }

  /** When anything last came, UTC milliseconds; when it was opened, before the first sample. */
  get progressMs(): number {
    return this.#liveness.progressMs;
  }

  /** How far media time is behind the clock at the last arrival, milliseconds; negative when ahead. */
  get lagMs(): number {
    return this.#liveness.lagMs;
  }

  /**
   * Opens a track, or takes it up again after a reconnect.
   *
   * @param announced all tracks that the sender is going to open; empty when it does not say
   */
  open(track: string, init: TrackInit, announced: readonly string[], nowMs: number): void {
    this.#announced = announced;
    const isSettled = this.#isSettled(nowMs);
    this.#liveness.open(track, nowMs);
    const known = this.tracks.get(track);
    if (known === undefined) {
      // The broadcast may be on air without it, and the choice of tracks holds for a whole run: the new track needs another run.
      if (isSettled && this.tracks.size > 0) this.#change(this.#nextNumber());
      this.tracks.set(track, new FeedTrack(track, init, this.#options));
      return;
    }
    const away = this.#away.get(track);
    const changed = known.reinit(init);
    if (away !== undefined && this.#isAway(track)) {
      const untilNumber = Math.max(away.fromNumber, this.#returnNumber());
      this.#away.set(track, { ...away, untilNumber });
      this.#change(untilNumber, true);
    } else if (changed !== null) this.#change(changed);
  }

  /**
   * Takes samples of an open track.
   *
   * @returns true when a part was finished or a segment closed
   */
  push(track: string, samples: readonly Sample[], nowMs: number): boolean {
    const target = this.tracks.get(track);
    if (target === undefined) return false;
    const before = target.headMs;
    const changed = target.push(samples);
    if (target.headMs > before) this.#liveness.progress(track, target.headMs, nowMs);
    return changed;
  }

  /**
   * A track's connection is gone.
   *
   * @param ending what the sender said; null when the connection broke and may come back
   */
  close(track: string, ending: TrackEnding | null): void {
    const known = this.tracks.get(track);
    if (ending !== null) known?.finish();
    this.#liveness.close(track, ending === 'away' ? null : ending);
    if (ending !== 'away' || known === undefined) return;
    const fromNumber = known.newestNumber + 1;
    this.#away.set(track, { fromNumber, untilNumber: Number.POSITIVE_INFINITY });
    this.#change(fromNumber, true);
  }

  /** UTC has moved by so many milliseconds without this process: nobody was silent meanwhile. */
  excuse(missedMs: number): void {
    this.#liveness.excuse(missedMs);
  }

  /** Its transcode worker reports; `isStalled` when nothing comes to it from ingest, not even ingest's clock. */
  takeReport(isStalled: boolean, nowMs: number): void {
    this.#liveness.report(isStalled, nowMs);
  }

  hasTrackIn(track: string, number: number): boolean {
    const away = this.#away.get(track);
    return away === undefined || number < away.fromNumber || number >= away.untilNumber;
  }

  /** False when nothing more will come: it ended, or has been silent for too long. */
  isAlive(nowMs: number): boolean {
    return this.#liveness.isAlive(nowMs);
  }

  isTrackAlive(track: string, nowMs: number): boolean {
    return this.#liveness.isTrackAlive(track, nowMs);
  }

  candidate(number: number, nowMs: number): Candidate {
    return {
      id: this.id,
      group: this.#group(number),
      priority: this.#priority,
      alive: this.isAlive(nowMs) && this.#hasPicture(nowMs),
      connected: this.connected,
      coverage: this.#coverage(number, nowMs),
    };
  }

  /** Twins share kind and broadcast; a feed without a broadcast is its own. Each new encoding is a new group. */
  #group(number: number): string {
    const base = this.broadcast === '' ? this.id : `${this.kind}.${this.broadcast}`;
    const changes = this.#changes.filter((change) => change <= number).length;
    return changes === 0 ? base : `${base}#${changes}`;
  }

  /**
   * Lets a new encoding begin with a segment. All tracks of a feed change together: one discontinuity, not one a track.
   *
   * @param isExact a change directly behind another one counts too
   */
  #change(number: number, isExact = false): void {
    const last = this.#changes.at(-1) ?? Number.NEGATIVE_INFINITY;
    if (!Number.isFinite(number) || number <= (isExact ? last : last + 1)) return;
    this.#changes.push(number);
  }

  /** Number of the segment after the one in which the furthest track is; not finite before the first sample. */
  #nextNumber(): number {
    const headMs = Math.max(...[...this.tracks.values()].map((track) => track.headMs));
    return segmentNumberAt(headMs, this.#options.gridUnits) + 1;
  }

  #isAway(track: string): boolean {
    return this.#away.get(track)?.untilNumber === Number.POSITIVE_INFINITY;
  }

  /** The first segment of a track that comes back: after those that the present pictures have begun, or at once where there are none. */
  #returnNumber(): number {
    const pictures = this.#pictures();
    const present = pictures.filter(({ name }) => !this.#isAway(name));
    return Math.max(...(present.length > 0 ? present : pictures).map(({ newestNumber }) => newestNumber)) + 1;
  }

  #pictures(): FeedTrack[] {
    return [...this.tracks.values()].filter(({ init }) => init.kind === 'video');
  }

  /** False when it has video tracks and all of them have stopped: the slate is better than a frozen picture. */
  #hasPicture(nowMs: number): boolean {
    const pictures = this.#pictures();
    return pictures.length === 0 || pictures.some(({ name }) => this.isTrackAlive(name, nowMs));
  }

  /** Whether its tracks are known: all announced ones are open, or the wait for the missing ones is over. */
  #isSettled(nowMs: number): boolean {
    const ageMs = nowMs - this.#liveness.firstMs;
    if (this.#announced.length === 0) return ageMs >= SETTLE_MS;
    return ageMs >= PATIENCE_MS || this.#announced.every((name) => this.tracks.has(name));
  }

  #coverage(number: number, nowMs: number): Coverage {
    const settled = this.#isSettled(nowMs);
    const pictures = this.#pictures();
    // Video decides where there is any: sound alone would open a segment whose pictures never arrive.
    const seen = (pictures.length > 0 ? pictures : [...this.tracks.values()]).map((track) =>
      track.coverage(number),
    );
    if (seen.includes('has')) return settled ? 'has' : 'may';
    // Between the last track of one plan and the first one of the next there may be none.
    const isBetweenPlans = pictures.length > 0 && pictures.every(({ name }) => this.#isAway(name));
    return seen.length === 0 || seen.includes('may') || isBetweenPlans ? 'may' : 'never';
  }
}
