import type { Sample } from '../../../media/bmff/sample.ts';
import { segmentNumberAt, segmentStartMs } from '../../../shared/grid.ts';
import type { FeedName } from '../../../shared/names.ts';
import { type Feed, type FeedSource, MAX_LAG_MS } from '../feed/feed.ts';
import type { TrackEnding } from '../feed/feed-liveness.ts';
import { FeedRegistry, MAX_AHEAD_MS } from '../feed/feed-registry.ts';
import type { FeedTrackOptions } from '../feed/feed-track.ts';
import { SLATE } from '../feed/slate-feed.ts';
import type { SlateReel } from '../feed/slate-reel.ts';
import type { ChannelView, Mark, Run, TrackInit } from '../media.ts';
import { type Candidate, decideSegment, type OnAir } from '../splicer/splicer.ts';
import { chooseTracks, type TrackChoice } from '../splicer/track-choice.ts';
import { viewOf } from './channel-view.ts';
import { Decisions } from './decisions.ts';
import { type LateSegment, LateSegments } from './late-segments.ts';
import type { Source } from './next-part.ts';
import type { Assignment, RenditionTimeline } from './rendition-timeline.ts';
import { Renditions } from './renditions.ts';
import { Restart } from './restart.ts';
import { retainedSegmentsOf } from './retained-segments.ts';
import { plausible, RunLog, type RunLogSnapshot } from './run-log.ts';
import { endsWhileOffAir, stateOfRun } from './run-state.ts';

/** What a channel is built from; all of it constant for the channel's life. */
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
  /** The runs from before a restart; null at the first start ever. */
  readonly log: RunLogSnapshot | null;
  /** When this process began to serve the channel, UTC milliseconds. */
  readonly startMs: number;
};

/** A feed counts as dead when it has fallen back to so few segments from the window's far end. */
const SEGMENTS_BEFORE_TOO_LATE = 4;

/**
 * A channel: one endless timeline for which feeds compete. Chunks and the time go in, segments of every rendition come
 * out. It touches no clock, socket or file.
 */
export class ChannelTimeline {
  readonly options: ChannelTimelineOptions;
  readonly #feeds: FeedRegistry;
  readonly #log: RunLog;
  readonly #restart: Restart;
  readonly #decisions: Decisions;
  readonly #renditions: Renditions;
  readonly #late = new LateSegments();
  #view: ChannelView | null = null;
  #marks: readonly Mark[] = [];

  constructor(options: ChannelTimelineOptions) {
    this.options = options;
    const { id, priorities, slate, startMs, gridUnits, windowSegments } = options;
    const retainedSegments = retainedSegmentsOf(windowSegments);
    this.#feeds = new FeedRegistry({ id, priorities, slate, feed: feedOptions(options) });
    const newestNumber = segmentNumberAt(startMs + MAX_AHEAD_MS, gridUnits);
    this.#log = new RunLog(gridUnits, plausible(options.log, newestNumber));
    this.#restart = new Restart(startMs, gridUnits, this.#log);
    const firstNumber = this.#restart.startNumber - windowSegments + 1;
    this.#decisions = new Decisions(firstNumber, retainedSegments);
    this.#renditions = new Renditions(gridUnits, retainedSegments);
    for (const { id, kind } of options.renditions) this.#renditions.add(id, kind, firstNumber);
  }

  /** The runs so far, to be stored over a restart. */
  get log(): RunLog {
    return this.#log;
  }

  /** The run on air; undefined before the first. */
  get currentRun(): Run | undefined {
    return this.#log.since(Number.MAX_SAFE_INTEGER).at(-1);
  }

  /** Feeds that are known, for the operator. */
  get feeds(): readonly Feed[] {
    return this.#feeds.feeds;
  }

  /** Which of a feed's tracks each rendition shows in a segment; undefined while that is undecided. */
  decision(
    number: number,
  ): { readonly feed: FeedSource | undefined; readonly choice: TrackChoice } | undefined {
    const decision = this.#decisions.at(number);
    return decision && { feed: this.#feeds.get(decision.feedId), choice: decision.choice };
  }

  /** The newest segment that is decided. */
  get newestDecided(): number {
    return this.#decisions.next - 1;
  }

  /** All renditions; segments that have left the playlist are still in them for a while. */
  get renditions(): readonly RenditionTimeline[] {
    return this.#renditions.all;
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
    this.#feeds.openTrack(name, track, init, announced, nowMs);
  }

  /**
   * Takes samples of an open track.
   *
   * @returns true when it is worth calling {@link advance}
   * @throws {FeedError} `media-from-the-future` (400)
   */
  push(feedId: string, track: string, samples: readonly Sample[], nowMs: number): boolean {
    return this.#feeds.push(feedId, track, samples, nowMs);
  }

  /** UTC has moved by so many milliseconds without this process: no feed was silent meanwhile. */
  excuse(missedMs: number): void {
    this.#feeds.excuse(missedMs);
  }

  /**
   * A feed's transcode worker reports.
   *
   * @param isStalled nothing comes from ingest to it, not even ingest's clock
   */
  takeReport(feedId: string, isStalled: boolean, nowMs: number): void {
    this.#feeds.takeReport(feedId, isStalled, nowMs);
  }

  /** Reports that a track's connection is gone; with an ending, nothing more will come. */
  closeTrack(feedId: string, track: string, ending: TrackEnding | null): void {
    this.#feeds.closeTrack(feedId, track, ending);
  }

  /**
   * Goes as far as feeds and clock allow. To be called after pushes, and every 50 ms or so while someone watches.
   *
   * @returns true when a rendition has a new part or segment
   */
  advance(nowMs: number): boolean {
    this.#feeds.advance(nowMs);
    this.#fastForward(nowMs);
    while (this.#decideNext(nowMs)) {
      // Each turn decides one segment; feeds or the clock end it.
    }
    const changed = this.#renditions.advance((id, number) => this.#assignment(id, number, nowMs));
    if (changed) {
      this.#view = null;
      for (const rendition of this.renditions)
        for (const number of rendition.takeLost()) this.#late.watch(number);
    }
    return changed;
  }

  /**
   * The segments of a class that have come since the last call, when their time on air had passed: each once. They are in no playlist of
   * the channel, and belong in the recording.
   */
  takeLate(): LateSegment[] {
    if (!this.#late.isWatching) return [];
    this.#late.forgetBefore(this.#decisions.next - retainedSegmentsOf(this.options.windowSegments));
    const { slate, feeds } = this.#feeds;
    return this.#late.take({ renditions: this.renditions, runs: this.#log.all, feeds, slate });
  }

  /**
   * Discards all segments once nobody has moved the channel for longer than its window: the next {@link advance} would
   * discard them anyway.
   *
   * @returns true when it did
   */
  rest(nowMs: number): boolean {
    return this.#fastForward(nowMs);
  }

  /** All that playlists and manifests are rendered from; the same object until something changes. */
  view(): ChannelView {
    this.#view ??= viewOf(this, this.#decisions.next, this.#marks);
    return this.#view;
  }

  /** Replaces the marks; oldest first. */
  setMarks(marks: readonly Mark[]): void {
    this.#marks = marks;
    this.#view = null;
  }

  /** The marks of the channel, oldest first. */
  get marks(): readonly Mark[] {
    return this.#marks;
  }

  /** @returns true when the next segment was decided, or given up; false while feeds may still deliver it */
  #decideNext(nowMs: number): boolean {
    const number = this.#decisions.next;
    const all = this.#feeds.candidates(number, nowMs);
    const logged = this.#restart.loggedRun(number);
    const candidates = logged === undefined ? all : all.filter(({ group }) => group === logged.group);
    const awaited = this.#restart.awaited(number, nowMs, all, (kind) => this.#feeds.priorityOf(kind));
    const decision = decideSegment(
      awaited === null ? candidates : [...candidates, awaited],
      this.#onAirBefore(number),
    );
    if (decision.kind === 'feed') {
      const chosen = candidates.find(({ id }) => id === decision.id);
      if (chosen !== undefined) this.#decide(number, chosen);
      return chosen !== undefined;
    }
    const isLost =
      logged !== undefined && awaited === null && candidates.every(({ coverage }) => coverage === 'never');
    if (isLost) this.#restartAt(this.#restart.resumeNumber(number, candidates.length > 0, nowMs));
    return isLost;
  }

  #onAirBefore(number: number): OnAir | null {
    const { last } = this.#log;
    return last === undefined
      ? null
      : { id: this.#decisions.at(number - 1)?.feedId ?? '', group: last.group };
  }

  #decide(number: number, chosen: Candidate): void {
    const feed = this.#feeds.get(chosen.id);
    if (feed === undefined) return;
    const { last, all } = this.#log;
    const { feeds } = this.#feeds;
    const isNew = last?.group !== chosen.group || endsWhileOffAir(all, feeds);
    if (this.#restart.loggedRun(number) === undefined && isNew) {
      const state = stateOfRun(feed, all, feeds);
      this.#log.begin({ firstNumber: number, group: chosen.group, broadcast: feed.broadcast, state });
    }
    if (chosen.id === SLATE && this.#log.last?.state === 'interrupted') this.#late.watch(number);
    const before = this.#decisions.at(number - 1);
    const isNewRun = before === undefined || this.#log.at(number)?.firstNumber === number;
    if (isNewRun) this.#renditions.addTracksOf(feed, number);
    this.#decisions.add({
      feedId: chosen.id,
      discontinuity: this.#log.isDiscontinuity(number),
      choice: isNewRun ? chooseTracks(this.renditions, feed, number, this.#feeds.slate) : before.choice,
    });
  }

  #assignment(renditionId: string, number: number, nowMs: number): Assignment | undefined {
    const decision = this.#decisions.at(number);
    const choice = decision?.choice.get(renditionId);
    if (decision === undefined || choice === undefined) return undefined;
    const onAir = choice.fromSlate ? this.#feeds.slate : this.#feeds.get(decision.feedId);
    const feeds = onAir === undefined ? [] : [onAir, ...this.#feeds.twinsOf(onAir)];
    return {
      discontinuity: decision.discontinuity,
      sources: feeds.flatMap((feed) => sourceOf(feed, choice.track, nowMs)),
    };
  }

  /** Nobody watched and nothing was pushed for longer than the window: the time between is not worth making. */
  #fastForward(nowMs: number): boolean {
    const { gridUnits, windowSegments } = this.options;
    const oldest = segmentNumberAt(nowMs, gridUnits) - windowSegments + 1;
    if (this.#decisions.next >= oldest) return false;
    this.#restartAt(oldest);
    return true;
  }

  #restartAt(number: number): void {
    this.#decisions.restart(number);
    this.#renditions.restart(number);
    this.#view = null;
  }
}

function feedOptions({ videoCut, partTargetMs, gridUnits, windowSegments }: ChannelTimelineOptions) {
  // A feed that lags beyond the window would hold the channel where nothing is listed any more.
  const listedMs = segmentStartMs(windowSegments - SEGMENTS_BEFORE_TOO_LATE, gridUnits);
  return {
    ...{ videoCut, partTargetMs, gridUnits },
    retainedSegments: retainedSegmentsOf(windowSegments),
    maxLagMs: Math.min(MAX_LAG_MS, listedMs),
  };
}

/** A feed's track as a source of segments; none where the feed does not have it. */
function sourceOf(feed: FeedSource, trackName: string, nowMs: number): Source[] {
  const track = feed.tracks.get(trackName);
  if (track === undefined) return [];
  return [{ track, alive: feed.isTrackAlive(trackName, nowMs), connected: feed.connected }];
}
