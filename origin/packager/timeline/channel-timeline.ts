import type { Sample } from '../../../media/bmff/sample.ts';
import { AppError } from '../../../shared/errors.ts';
import { segmentNumberAt, segmentStartMs } from '../../../shared/grid.ts';
import type { FeedName } from '../../../shared/names.ts';
import { viewOf } from './channel-view.ts';
import { Feed, type FeedEnding, type FeedSource, MAX_LAG_MS } from '../feed/feed.ts';
import type { FeedTrackOptions } from '../feed/feed-track.ts';
import type { ChannelView, Mark, Run, RunState, TrackInit } from '../media.ts';
import { chooseTracks, type TrackChoice } from '../splicer/track-choice.ts';
import { type Assignment, keptSegmentsOf, RenditionTimeline, type Source } from './rendition-timeline.ts';
import { believable, RunLog, type RunLogSnapshot } from './run-log.ts';
import { SLATE, SlateFeed, type SlateReel } from '../feed/slate-feed.ts';
import { type Candidate, decideSegment, type OnAir } from '../splicer/splicer.ts';

/** A push that a channel does not take. */
export class FeedError extends AppError {}

/** What a channel is made of; all of it constant for the channel's life. */
export type ChannelTimelineOptions = {
  readonly id: string;
  readonly title: string;
  readonly language: string;
  readonly partTargetMs: number;
  readonly gridUnits: number;
  readonly targetDurationS: number;
  readonly videoCut: FeedTrackOptions['videoCut'];
  /** Segments that are listed. */
  readonly windowSegments: number;
  /** Renditions that are always there, whatever the feed on air has. */
  readonly renditions: readonly { readonly id: string; readonly kind: 'video' | 'audio' }[];
  /** Priority by kind of feed. */
  readonly priorities: Readonly<Record<string, number>>;
  readonly slate: SlateReel;
  /** Runs kept from before a restart; null at the first start. */
  readonly log: RunLogSnapshot | null;
  /** When this timeline came to life, UTC milliseconds. */
  readonly startMs: number;
};

/** How long a restarted origin waits for the feed that was on air, in milliseconds. */
const REUNION_MS = 5000;
/** Media that lies further ahead of the clock is refused, in milliseconds. */
const MAX_AHEAD_MS = 10_000;
/** A feed is given up when it has fallen back to so few segments from the window's far end. */
const SEGMENTS_BEFORE_TOO_LATE = 4;
const MAX_FEEDS = 16;
const MAX_TRACKS = 12;
const FORGET_MS = 60_000;

type Decision = { readonly feedId: string; readonly discontinuity: boolean; readonly choice: TrackChoice };

const STATE_BY_KIND: Readonly<Record<string, RunState>> = { emergency: 'announcement', replay: 'recorded' };

/**
 * A channel: one endless timeline for which feeds compete. Chunks and the time go in, segments of every rendition come
 * out. It touches no clock, socket or file.
 */
export class ChannelTimeline {
  readonly options: ChannelTimelineOptions;
  readonly #feeds = new Map<string, Feed>();
  readonly #slate: SlateFeed;
  readonly #log: RunLog;
  readonly #renditions = new Map<string, RenditionTimeline>();
  readonly #decisions = new Map<number, Decision>();
  /** The first segment that was not decided before this process began. */
  readonly #startNumber: number;
  #next: number;
  #view: ChannelView | null = null;
  #marks: readonly Mark[] = [];

  constructor(options: ChannelTimelineOptions) {
    this.options = options;
    this.#slate = new SlateFeed(options.slate);
    this.#startNumber = segmentNumberAt(options.startMs, options.gridUnits);
    const newestNumber = segmentNumberAt(options.startMs + MAX_AHEAD_MS, options.gridUnits);
    this.#log = new RunLog(options.gridUnits, believable(options.log, newestNumber));
    this.#next = this.#startNumber - options.windowSegments + 1;
    for (const { id, kind } of options.renditions) this.#addRendition(id, kind);
  }

  /** The runs so far, to be kept over a restart. */
  get log(): RunLog {
    return this.#log;
  }

  /** The run on air; undefined before the first. */
  get currentRun(): Run | undefined {
    return this.#log.since(Number.MAX_SAFE_INTEGER).at(-1);
  }

  /** Feeds that are known, for the operator. */
  get feeds(): readonly Feed[] {
    return [...this.#feeds.values()];
  }

  /** Which of a feed's tracks each rendition shows in a segment; undefined while that is undecided. */
  decision(
    number: number,
  ): { readonly feed: FeedSource | undefined; readonly choice: TrackChoice } | undefined {
    const decision = this.#decisions.get(number);
    return decision && { feed: this.#feedById(decision.feedId), choice: decision.choice };
  }

  /** The newest segment that is decided. */
  get newestDecided(): number {
    return this.#next - 1;
  }

  /** All renditions; segments that have left the playlist are still in them for a while. */
  get renditions(): readonly RenditionTimeline[] {
    return [...this.#renditions.values()];
  }

  /** A rendition by its id. */
  rendition(id: string): RenditionTimeline | undefined {
    return this.#renditions.get(id);
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
    let feed = this.#feeds.get(name.id);
    if (feed === undefined) {
      const { priorities } = this.options;
      // Own keys alone: a feed may call itself "constructor", and everything has one of those.
      const priority = Object.hasOwn(priorities, name.kind) ? priorities[name.kind] : undefined;
      if (priority === undefined)
        throw refuse(`feed kind ${name.kind}: not in the configuration's feeds`, 'unknown-feed-kind', 400);
      if (this.#feeds.size >= MAX_FEEDS) this.#forgetOldestEnded();
      if (this.#feeds.size >= MAX_FEEDS)
        throw refuse(`channel ${this.options.id}: ${MAX_FEEDS} feeds already`, 'too-many-feeds', 429);
      const { videoCut, partTargetMs, gridUnits, windowSegments } = this.options;
      const keptSegments = keptSegmentsOf(windowSegments);
      // A feed that lags beyond the window would hold the channel where nothing is listed any more.
      const listedMs = segmentStartMs(windowSegments - SEGMENTS_BEFORE_TOO_LATE, gridUnits);
      const maxLagMs = Math.min(MAX_LAG_MS, listedMs);
      feed = new Feed(name, priority, { videoCut, partTargetMs, gridUnits, keptSegments, maxLagMs });
      this.#feeds.set(name.id, feed);
    }
    if (!feed.tracks.has(track) && feed.tracks.size >= MAX_TRACKS) {
      throw refuse(`feed ${name.id}: ${MAX_TRACKS} tracks already`, 'too-many-tracks', 429);
    }
    feed.open(track, init, announced, nowMs);
  }

  /**
   * Takes samples of an open track.
   *
   * @returns true when it is worth calling {@link advance}
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

  /** A track's connection is gone; with an ending, nothing more will come. */
  closeTrack(feedId: string, track: string, ending: FeedEnding | null): void {
    this.#feeds.get(feedId)?.close(track, ending);
  }

  /**
   * Goes as far as feeds and clock allow. To be called after pushes, and every 50 ms or so while someone watches.
   *
   * @returns true when a rendition has a new part or segment
   */
  advance(nowMs: number): boolean {
    this.#slate.advance(nowMs);
    this.#forget(nowMs);
    this.#fastForward(nowMs);
    while (this.#decideNext(nowMs)) {
      // Each turn decides one segment; feeds or the clock end it.
    }
    let changed = false;
    for (const rendition of this.#renditions.values()) {
      if (rendition.advance((number) => this.#assignment(rendition.id, number, nowMs))) changed = true;
    }
    if (changed) this.#view = null;
    return changed;
  }

  /**
   * Lets go of all segments once nobody has moved the channel for longer than its window: the next {@link advance} would drop
   * them anyway.
   *
   * @returns true when it did
   */
  rest(nowMs: number): boolean {
    return this.#fastForward(nowMs);
  }

  /** All that playlists and manifests are written from; the same object until something changes. */
  view(): ChannelView {
    this.#view ??= viewOf(this, this.#next, this.#marks);
    return this.#view;
  }

  /** Puts marks in place of those before; oldest first. */
  setMarks(marks: readonly Mark[]): void {
    this.#marks = marks;
    this.#view = null;
  }

  /** The marks of the channel, oldest first. */
  get marks(): readonly Mark[] {
    return this.#marks;
  }

  #decideNext(nowMs: number): boolean {
    const number = this.#next;
    const all = [this.#slate, ...this.#feeds.values()].map((feed) => feed.candidate(number, nowMs));
    const logged = number < this.#startNumber ? this.#log.at(number) : undefined;
    const candidates = logged === undefined ? all : all.filter(({ group }) => group === logged.group);
    const reunion = this.#awaitedAgain(number, nowMs);
    const decision = decideSegment(
      reunion === null ? candidates : [...candidates, reunion],
      this.#onAirBefore(number),
    );
    if (decision.kind === 'feed') {
      const chosen = candidates.find(({ id }) => id === decision.id);
      if (chosen !== undefined) this.#decide(number, chosen);
      return chosen !== undefined;
    }
    // What was on air before the restart and has not come back cannot be shown, and the segment that was open then may be
    // cached half-finished: go on where nothing was ever listed.
    const isLost =
      logged !== undefined && reunion === null && candidates.every(({ coverage }) => coverage === 'never');
    if (isLost)
      this.#restartAt(candidates.length > 0 ? number + 1 : Math.max(number + 1, this.#resumeNumber(nowMs)));
    return isLost;
  }

  #onAirBefore(number: number): OnAir | null {
    const last = this.#log.last;
    return last === undefined
      ? null
      : { id: this.#decisions.get(number - 1)?.feedId ?? '', group: last.group };
  }

  /** Where to go on when the feed that was on air before a restart stays away: behind all that it can have listed. */
  #resumeNumber(nowMs: number): number {
    const { startMs, gridUnits } = this.options;
    return segmentNumberAt(Math.min(nowMs, startMs + REUNION_MS), gridUnits);
  }

  /** After a restart, the feed that was on air is waited for as if it were here. */
  #awaitedAgain(number: number, nowMs: number): Candidate | null {
    const run = number < this.#startNumber ? this.#log.at(number) : this.#log.last;
    if (run === undefined || run.group === SLATE || nowMs >= this.options.startMs + REUNION_MS) return null;
    const kind = run.group.split(/[.#]/, 1)[0] ?? '';
    if ([...this.#feeds.values()].some((feed) => feed.candidate(number, nowMs).group === run.group))
      return null;
    const priority = this.options.priorities[kind] ?? 0;
    return { id: '', group: run.group, priority, alive: true, connected: true, coverage: 'may' };
  }

  #decide(number: number, chosen: Candidate): void {
    const feed = this.#feedById(chosen.id);
    if (feed === undefined) return;
    const isLogged = number < this.#startNumber && this.#log.at(number) !== undefined;
    if (!isLogged && this.#log.last?.group !== chosen.group) {
      const state = feed.kind === SLATE ? this.#stateOfSlate() : (STATE_BY_KIND[feed.kind] ?? 'on-air');
      this.#log.begin({ firstNumber: number, group: chosen.group, broadcast: feed.broadcast, state });
    }
    const before = this.#decisions.get(number - 1);
    const isNewRun = before === undefined || this.#log.at(number)?.firstNumber === number;
    if (isNewRun) this.#addRenditionsOf(feed, number);
    const choice = isNewRun ? chooseTracks([...this.#renditions.values()], feed, this.#slate) : before.choice;
    this.#decisions.set(number, {
      feedId: chosen.id,
      discontinuity: this.#log.isDiscontinuity(number),
      choice,
    });
    this.#decisions.delete(number - keptSegmentsOf(this.options.windowSegments));
    this.#next = number + 1;
  }

  /** What the slate means to those who see it. */
  #stateOfSlate(): RunState {
    const last = this.#log.last;
    if (last?.state !== 'on-air') return 'before';
    const feeds = [...this.#feeds.values()].filter(({ broadcast }) => broadcast === last.broadcast);
    return feeds.some(({ ending }) => ending === 'over') ? 'over' : 'interrupted';
  }

  #assignment(renditionId: string, number: number, nowMs: number): Assignment | undefined {
    const decision = this.#decisions.get(number);
    const choice = decision?.choice.get(renditionId);
    if (decision === undefined || choice === undefined) return undefined;
    const onAir = choice.fromSlate ? this.#slate : this.#feedById(decision.feedId);
    const sources =
      onAir === undefined
        ? []
        : [onAir, ...this.#twinsOf(onAir)].flatMap((feed) => sourceOf(feed, choice.track, nowMs));
    return { discontinuity: decision.discontinuity, sources };
  }

  #twinsOf(feed: FeedSource): Feed[] {
    if (feed.broadcast === '') return [];
    return [...this.#feeds.values()].filter(
      (other) => other !== feed && other.kind === feed.kind && other.broadcast === feed.broadcast,
    );
  }

  #feedById(id: string): FeedSource | undefined {
    return id === SLATE ? this.#slate : this.#feeds.get(id);
  }

  /** Nobody watched and nothing was pushed for longer than the window: the time between is not worth making. */
  #fastForward(nowMs: number): boolean {
    const oldest = segmentNumberAt(nowMs, this.options.gridUnits) - this.options.windowSegments + 1;
    if (this.#next >= oldest) return false;
    this.#restartAt(oldest);
    return true;
  }

  #restartAt(number: number): void {
    this.#next = number;
    this.#decisions.clear();
    for (const rendition of this.#renditions.values()) rendition.restart(number);
    this.#view = null;
  }

  #addRenditionsOf(feed: FeedSource, number: number): void {
    if (feed.kind === SLATE) return;
    for (const track of feed.tracks.values()) {
      const hasKind = [...this.#renditions.values()].some(({ kind }) => kind === track.init.kind);
      const isSecondSound = track.init.kind === 'audio' && hasKind;
      if (this.#renditions.has(track.name) || isSecondSound || this.#renditions.size >= MAX_TRACKS) continue;
      this.#addRendition(track.name, track.init.kind, number);
    }
  }

  #addRendition(id: string, kind: 'video' | 'audio', number = this.#next): void {
    const { gridUnits, windowSegments } = this.options;
    this.#renditions.set(
      id,
      new RenditionTimeline(id, kind, number, gridUnits, keptSegmentsOf(windowSegments)),
    );
  }

  /** A line that drops every few seconds leaves feeds behind faster than they are forgotten. */
  #forgetOldestEnded(): void {
    const oldest = this.feeds.find(({ ending }) => ending !== null);
    if (oldest !== undefined) this.#feeds.delete(oldest.id);
  }

  #forget(nowMs: number): void {
    for (const [id, feed] of this.#feeds) {
      if (!feed.connected && nowMs - feed.progressMs > FORGET_MS) this.#feeds.delete(id);
    }
  }
}

function sourceOf(feed: FeedSource, trackName: string, nowMs: number): Source[] {
  const track = feed.tracks.get(trackName);
  return track === undefined
    ? []
    : [{ track, alive: feed.isTrackAlive(trackName, nowMs), connected: feed.connected }];
}

function refuse(message: string, code: string, status: number): FeedError {
  return new FeedError(message, { code, status });
}
