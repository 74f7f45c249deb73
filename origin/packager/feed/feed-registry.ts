import type { Sample } from '../../../media/bmff/sample.ts';
import type { ErrorCode } from '../../../shared/error-codes.ts';
import { AppError } from '../../../shared/errors.ts';
import type { FeedName } from '../../../shared/names.ts';
import type { TrackInit } from '../media.ts';
import type { Candidate } from '../splicer/splicer.ts';
import { Feed, type FeedOptions, type FeedSource } from './feed.ts';
import type { TrackEnding } from './feed-liveness.ts';
import { SLATE, SlateFeed } from './slate-feed.ts';
import type { SlateReel } from './slate-reel.ts';

/** A push that a channel refuses. */
export class FeedError extends AppError {}

/** What the feeds of a channel have in common. */
export type FeedRegistryOptions = {
  /** The channel, for error messages. */
  readonly id: string;
  /** Priority by kind of feed. */
  readonly priorities: Readonly<Record<string, number>>;
  readonly feed: FeedOptions;
  readonly slate: SlateReel;
};

/** Media that lies further ahead of the clock is refused, in milliseconds. */
export const MAX_AHEAD_MS = 10_000;
/** Tracks of one feed. */
export const MAX_TRACKS = 12;
const MAX_FEEDS = 16;
/** A feed without a connection is removed so long after its last sample, in milliseconds. */
const REMOVE_AFTER_MS = 60_000;

/**
 * The feeds of a channel, the slate among them: samples go in by feed and track, and candidates for the splicer come out.
 */
export class FeedRegistry {
  readonly slate: SlateFeed;
  readonly #options: FeedRegistryOptions;
  readonly #feeds = new Map<string, Feed>();

  constructor(options: FeedRegistryOptions) {
    this.#options = options;
    this.slate = new SlateFeed(options.slate);
  }

  /** All feeds that are known, but for the slate. */
  get feeds(): readonly Feed[] {
    return [...this.#feeds.values()];
  }

  /** A feed by its id, the slate among them. */
  get(id: string): FeedSource | undefined {
    return id === SLATE ? this.slate : this.#feeds.get(id);
  }

  /** The other feeds of the same broadcast and kind. */
  twinsOf(feed: FeedSource): Feed[] {
    if (feed.broadcast === '') return [];
    return this.feeds.filter(
      (other) => other !== feed && other.kind === feed.kind && other.broadcast === feed.broadcast,
    );
  }

  /** What each feed can do for a segment, the slate first. */
  candidates(number: number, nowMs: number): Candidate[] {
    return [this.slate, ...this.#feeds.values()].map((feed) => feed.candidate(number, nowMs));
  }

  /** The priority of a kind of feed; undefined where the configuration has none. */
  priorityOf(kind: string): number | undefined {
    const { priorities } = this.#options;
    // Own keys alone: a feed may call itself "constructor", and every object has one of those.
    return Object.hasOwn(priorities, kind) ? priorities[kind] : undefined;
  }

  /**
   * Opens a feed's track, or takes it up again.
   *
   * @param announced the tracks that the sender is going to open; empty when it does not say
   * @throws {FeedError} `unknown-feed-kind` (400), `too-many-feeds` or `too-many-tracks` (429)
   */
  openTrack(
    name: FeedName,
    track: string,
    init: TrackInit,
    announced: readonly string[],
    nowMs: number,
  ): void {
    const feed = this.#feeds.get(name.id) ?? this.#add(name);
    if (!feed.tracks.has(track) && feed.tracks.size >= MAX_TRACKS)
      throw refuse(`feed ${name.id}: ${MAX_TRACKS} tracks already`, 'too-many-tracks', 429);
    feed.open(track, init, announced, nowMs);
  }

  /**
   * Takes samples of an open track; those of any other are discarded.
   *
   * @returns true when a part was finished or a segment closed
   * @throws {FeedError} `media-from-the-future` (400)
   */
  push(feedId: string, track: string, samples: readonly Sample[], nowMs: number): boolean {
    const feed = this.#feeds.get(feedId);
    const init = feed?.tracks.get(track)?.init;
    const last = samples.at(-1);
    if (feed === undefined || init === undefined || last === undefined) return false;
    const aheadMs = (last.decodeTicks / init.timescaleHz) * 1000 - nowMs;
    if (aheadMs > MAX_AHEAD_MS) {
      throw refuse(
        `feed ${feedId} ${track}: decode time is ${Math.round(aheadMs)} ms ahead of the clock`,
        'media-from-the-future',
        400,
      );
    }
    return feed.push(track, samples, nowMs);
  }

  /** Reports that a track's connection is gone; with an ending, nothing more will come, or not until the track is opened again. */
  closeTrack(feedId: string, track: string, ending: TrackEnding | null): void {
    this.#feeds.get(feedId)?.close(track, ending);
  }

  /** UTC has moved by so many milliseconds without this process. */
  excuse(missedMs: number): void {
    for (const feed of this.#feeds.values()) feed.excuse(missedMs);
  }

  /** A feed's transcode worker reports; `isStalled` when nothing comes to it from ingest. */
  takeReport(feedId: string, isStalled: boolean, nowMs: number): void {
    this.#feeds.get(feedId)?.takeReport(isStalled, nowMs);
  }

  /** Moves the slate on, and removes feeds that have been gone for a minute. */
  advance(nowMs: number): void {
    this.slate.advance(nowMs);
    for (const [id, feed] of this.#feeds) {
      if (!feed.connected && nowMs - feed.progressMs > REMOVE_AFTER_MS) this.#feeds.delete(id);
    }
  }

  #add(name: FeedName): Feed {
    const { id, feed: options } = this.#options;
    const priority = this.priorityOf(name.kind);
    if (priority === undefined)
      throw refuse(`feed kind ${name.kind}: not in the configuration's feeds`, 'unknown-feed-kind', 400);
    // A line that drops every few seconds leaves feeds behind faster than time removes them.
    if (this.#feeds.size >= MAX_FEEDS) this.#removeOldestEnded();
    if (this.#feeds.size >= MAX_FEEDS)
      throw refuse(`channel ${id}: ${MAX_FEEDS} feeds already`, 'too-many-feeds', 429);
    const feed = new Feed(name, priority, options);
    this.#feeds.set(name.id, feed);
    return feed;
  }

  #removeOldestEnded(): void {
    const oldest = this.feeds.find(({ ending }) => ending !== null);
    if (oldest !== undefined) this.#feeds.delete(oldest.id);
  }
}

function refuse(message: string, code: ErrorCode, status: number): FeedError {
  return new FeedError(message, { code, status });
}
