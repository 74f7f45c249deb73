import type { Sample } from '../../media/bmff/sample.ts';
import { type Awaited, awaitedMedia } from '../../shared/awaited-media.ts';
import type { FeedReport } from '../../shared/feed-report.ts';
import type { FeedName } from '../../shared/names.ts';
import type { TrackEnding } from '../packager/feed/feed-liveness.ts';
import { SLATE } from '../packager/feed/slate-feed.ts';
import type { ChannelView, Mark, RenditionInfo, RunState, Segment, TrackInit } from '../packager/media.ts';
import { ChannelTimeline, type ChannelTimelineOptions } from '../packager/timeline/channel-timeline.ts';
import { describeRenditions } from '../packager/timeline/rendition-info.ts';
import type { LateSegment } from '../packager/timeline/late-segments.ts';
import type { RenditionTimeline } from '../packager/timeline/rendition-timeline.ts';
import type { RunLog, RunLogSnapshot } from '../packager/timeline/run-log.ts';
import { stageLags, worstOf } from '../../shared/stage-lags.ts';
import type { TextBody } from '../cached-text/text-body.ts';
import type { TimeRange } from '../archive/time-range.ts';
import type { AirStatus } from './air-status.ts';
import { FeedReports } from './feed-reports.ts';
import { feedStatus, type FeedStatus } from './feed-status.ts';
import { RenderedPlaylists } from './rendered-playlists.ts';
import { renditionLagMs } from './rendition-lag.ts';
import { shownView } from './shown-view.ts';
import { stageFault } from './stage-fault.ts';
import { SegmentFollowers, type SegmentListener } from './segment-followers.ts';

/** What a channel is built from. */
export type LiveChannelDeps = {
  readonly timeline: ChannelTimelineOptions;
  /** What each rendition is going to be, by its id: used while no feed shows what it is. */
  readonly nominal: ReadonlyMap<string, RenditionInfo>;
  /** Saves the runs, so that a restarted process counts discontinuities on. Called when a run begins. */
  saveRuns(snapshot: RunLogSnapshot): void;
};

/** What of a channel never changes. */
export type ChannelSettings = Pick<
  ChannelView,
  'id' | 'title' | 'language' | 'partTargetMs' | 'gridUnits' | 'targetDurationS'
> & {
  /** When this process began to serve the channel, UTC milliseconds. */
  readonly startMs: number;
};

/** The segments of one rendition that are in memory, listed or not. Read only. */
export type RenditionSegments = Pick<RenditionTimeline, 'id' | 'kind' | 'segments' | 'segment'>;

/** The runs of a channel, those before a restart too. Read only. */
export type RunHistory = Pick<
  RunLog,
  'last' | 'at' | 'since' | 'isDiscontinuity' | 'discontinuityNumber' | 'snapshot'
>;

/** How long a channel stays awake after the last request for it, in milliseconds. */
const AWAKE_MS = 30_000;
/** Ingest tells of an encoder without media every 2 s: one that was not told of for this long is gone, in milliseconds. */
const CONNECTED_MS = 5000;
/** How long after its end a broadcast is still reported as over or interrupted, in milliseconds. */
const OVER_MS = 3_600_000;

/**
 * The one door to a channel on air. Media, marks and the clock go in; views, playlists and segments come out. Everything that
 * follows from new media or from the clock is done by the call that brings it: segments are cut, the runs are stored,
 * followers get their parts, and listeners are called. The timeline behind it is nobody else's.
 *
 * All times are UTC milliseconds. Nothing here touches a clock or a socket.
 */
export class LiveChannel {
  /** What of the channel never changes. */
  readonly settings: ChannelSettings;
  readonly #deps: LiveChannelDeps;
  readonly #timeline: ChannelTimeline;
  readonly #playlists = new RenderedPlaylists();
  readonly #followers: SegmentFollowers;
  readonly #reports = new FeedReports();
  readonly #listeners = new Set<() => void>();
  readonly #lateListeners = new Set<(late: LateSegment) => void>();
  #requestedMs = Number.NEGATIVE_INFINITY;
  /** When an encoder without media was last told of. */
  #connectedMs = Number.NEGATIVE_INFINITY;
  #savedRun: string | null;
  #isAtRest = false;
  #cutSince: (fromMs: number) => readonly TimeRange[] = () => [];
  /** The view with what was cut off left out, and what it was made from. */
  #shown: { readonly of: ChannelView; readonly key: string; readonly view: ChannelView } | null = null;

  constructor(deps: LiveChannelDeps) {
    const { id, title, language, partTargetMs, gridUnits, targetDurationS, startMs } = deps.timeline;
    this.settings = { id, title, language, partTargetMs, gridUnits, targetDurationS, startMs };
    this.#deps = deps;
    this.#timeline = new ChannelTimeline(deps.timeline);
    this.#savedRun = this.#timeline.currentRun?.id ?? null;
    this.#followers = new SegmentFollowers((rendition, number) =>
      this.#timeline.rendition(rendition)?.segment(number),
    );
  }

  // Media in.

  /**
   * Opens a feed's track, or continues it after a reconnect. It goes on air when media follows.
   *
   * @param announced the tracks that the sender is going to open; empty when it does not say
   * @throws {FeedError} `unknown-feed-kind` (400), `too-many-feeds` or `too-many-tracks` (429)
   */
  openTrack(
    feed: FeedName,
    track: string,
    init: TrackInit,
    announced: readonly string[],
    nowMs: number,
  ): void {
    this.#timeline.openTrack(feed, track, init, announced, nowMs);
  }

  /**
   * Adds chunks to an open track. Those of a track that is not open are discarded.
   *
   * Each chunk is checked and added by itself, so the result does not depend on how many come in one call; the channel moves on
   * once for all of them.
   *
   * @param chunks the samples of each chunk, in decode order; their bytes are borrowed until the part that holds them is cut
   * @throws {FeedError} `media-from-the-future` (400); the chunks before that one have been added
   */
  push(feedId: string, track: string, chunks: readonly (readonly Sample[])[], nowMs: number): void {
    let isWorthIt = false;
    try {
      for (const samples of chunks) {
        if (this.#timeline.push(feedId, track, samples, nowMs)) isWorthIt = true;
      }
    } finally {
      if (isWorthIt) this.#advance(nowMs);
    }
  }

  /**
   * Reports that a track's connection is gone.
   *
   * @param ending what the sender said; null when the connection broke and may come back
   */
  closeTrack(feedId: string, track: string, ending: TrackEnding | null, nowMs: number): void {
    this.#timeline.closeTrack(feedId, track, ending);
    this.#advance(nowMs);
  }

  /** An encoder is connected, and nothing of it has come that could go on air. */
  encoderConnected(nowMs: number): void {
    this.#connectedMs = nowMs;
  }

  /**
   * Stores what a transcode worker reports about its feed.
   *
   * @returns false when the channel has no such feed
   */
  takeReport(feedId: string, report: FeedReport, nowMs: number): boolean {
    const isKnown = (id: string): boolean => this.#timeline.feeds.some((feed) => feed.id === id);
    if (!isKnown(feedId)) return false;
    const originMs = worstOf(...Object.values(this.#renditionsMs(nowMs)));
    this.#reports.store(feedId, { report, originMs, receivedMs: nowMs }, isKnown);
    this.#timeline.takeReport(feedId, report.sourceStalled ?? false, nowMs);
    return true;
  }

  /** Replaces the marks, oldest first; playlists and manifests rendered from now on have them. */
  setMarks(marks: readonly Mark[]): void {
    this.#timeline.setMarks(marks);
    this.#playlists.refresh();
  }

  /**
   * Leaves out of playlists and manifests what was cut off the channel's recordings. They are the same for everybody, so its editors
   * find that in a start-over or a replay.
   *
   * @param cutSince what was cut off behind a time, UTC milliseconds; it is asked at each request
   */
  leaveOut(cutSince: (fromMs: number) => readonly TimeRange[]): void {
    this.#cutSince = cutSince;
  }

  // The clock.

  /** UTC has moved by so many milliseconds without this process (it slept, or the clock was set): nobody was silent meanwhile. */
  excuse(missedMs: number): void {
    this.#timeline.excuse(missedMs);
  }

  /** Reports a request for the channel: it is awake from now on, for 30 s. */
  wake(nowMs: number): void {
    const wasAwake = this.isAwake(nowMs);
    this.#requestedMs = nowMs;
    if (!wasAwake) this.#advance(nowMs);
  }

  /** Moves the channel on to the time given; one that is not awake discards its segments instead. To be called every 50 ms. */
  tick(nowMs: number): void {
    if (this.isAwake(nowMs)) this.#advance(nowMs);
    else this.#rest(nowMs);
  }

  /** Tells whether somebody watches, or a feed is known. */
  isAwake(nowMs: number): boolean {
    return (
      nowMs - this.#requestedMs < AWAKE_MS || this.#timeline.feeds.length > 0 || this.#followers.count > 0
    );
  }

  // Changes.

  /** Calls back whenever a rendition has a new part or segment. There is no way to end it: listeners live as long. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Calls back with each segment of a class that came when its time on air had passed: no playlist of the channel has it. */
  onLate(listener: (late: LateSegment) => void): void {
    this.#lateListeners.add(listener);
  }

  /**
   * Delivers a segment while it grows: the parts that are there at once, each further one as it is added.
   *
   * @param number of a segment that is in memory; any other ends at once as `lost`
   * @returns ends it
   */
  followSegment(renditionId: string, number: number, listener: SegmentListener): () => void {
    return this.#followers.add(renditionId, number, listener);
  }

  // What is there.

  /** What playlists and manifests are rendered from; null while a rendition has no segment yet. The same object until it changes. */
  view(): ChannelView | null {
    const view = this.#timeline.view();
    return view.renditions.every(({ segments }) => segments.length > 0) ? view : null;
  }

  /** What viewers are told, and since when. A broadcast that ended long ago counts as `before` the next one. */
  state(nowMs: number): { readonly state: RunState; readonly sinceMs: number } {
    const run = this.#timeline.currentRun;
    if (run === undefined) return { state: 'before', sinceMs: nowMs };
    const isPast = run.state === 'over' || run.state === 'interrupted';
    const isLongAgo = isPast && nowMs - run.startMs > OVER_MS;
    return { state: isLongAgo ? 'before' : run.state, sinceMs: run.startMs };
  }

  /** The feeds that compete for the channel, but the slate. */
  feeds(nowMs: number): FeedStatus[] {
    return this.#timeline.feeds.map((feed) =>
      feedStatus(feed, this.#reports.of(feed.id, nowMs)?.report ?? null, nowMs),
    );
  }

  /** How late the broadcast on air is, where, and how it is encoded; null while none is on air. */
  air(nowMs: number): AirStatus | null {
    if (this.state(nowMs).state !== 'on-air') return null;
    const renditionsMs = this.#renditionsMs(nowMs);
    const lateMs = worstOf(...Object.values(renditionsMs));
    const stored = this.#reports.of(this.feedAt(), nowMs);
    const lagMs = stored?.report.lagMs ?? null;
    return {
      ...{ lateMs, renditionsMs, lagMs: stageLags(lagMs, lateMs), plan: stored?.report.plan ?? null },
      awaited: this.awaited(nowMs),
      // Both sides of the same moment: the report is up to some seconds old, and ages grow while media stands still.
      fault: lagMs === null ? null : stageFault(lagMs, stored?.originMs ?? null, this.settings.partTargetMs),
    };
  }

  /** What the teacher's encoder has not sent yet, or not for some seconds; off air, whether it is connected at all. */
  awaited(nowMs: number): readonly Awaited[] {
    if (this.state(nowMs).state === 'on-air') return this.#reports.awaited(this.feedAt(), nowMs);
    const isConnected = Math.abs(nowMs - this.#connectedMs) <= CONNECTED_MS;
    return isConnected ? awaitedMedia({ picture: null, sound: null }) : [];
  }

  /**
   * The feed that a segment shows.
   *
   * @param number the newest decided segment when left out
   * @returns its id; '' when the feed is forgotten; null while that is not decided, or is not known any more
   */
  feedAt(number = this.#timeline.newestDecided): string | null {
    const decision = this.#timeline.decision(number);
    return decision === undefined ? null : (decision.feed?.id ?? '');
  }

  /** All renditions. */
  get renditions(): readonly RenditionSegments[] {
    return this.#timeline.renditions;
  }

  /** A rendition by its id. */
  rendition(id: string): RenditionSegments | undefined {
    return this.#timeline.rendition(id);
  }

  /** A segment that is in memory. */
  segment(renditionId: string, number: number): Segment | undefined {
    return this.#timeline.rendition(renditionId)?.segment(number);
  }

  /** What the multivariant playlist and the MPD say of the renditions. */
  renditionInfos(nowMs: number): RenditionInfo[] {
    const plan = this.#reports.of(this.feedAt(), nowMs)?.report.plan;
    return describeRenditions(this.#timeline, this.#deps.nominal, plan?.away);
  }

  /** The runs so far. */
  get runs(): RunHistory {
    return this.#timeline.log;
  }

  /** The marks, oldest first. */
  get marks(): readonly Mark[] {
    return this.#timeline.marks;
  }

  /** The slate's init segment; undefined where the slate has no such track. */
  slateInit(kind: TrackInit['kind']): TrackInit | undefined {
    return this.#deps.timeline.slate.tracks.find(({ init }) => init.kind === kind)?.init;
  }

  /**
   * A segment of the slate. The archive has none: the slate is the same at all times, and is rendered again.
   *
   * @returns its bytes in order; null when the slate was not on air then
   */
  slateSegment(kind: TrackInit['kind'], number: number): Buffer[] | null {
    const newest = this.rendition('audio')?.segments.at(-1)?.number ?? this.#timeline.newestDecided;
    if (number > newest || this.runs.at(number)?.group !== SLATE) return null;
    const { slate } = this.#deps.timeline;
    const track = slate.tracks.find(({ init }) => init.kind === kind);
    return track === undefined ? null : slate.segment(track, number).parts.map(({ bytes }) => bytes);
  }

  // Playlists, rendered once for everybody who requests them.

  /** A rendition's media playlist; null while there is no view. */
  mediaPlaylist(renditionId: string, skip: boolean): TextBody | null {
    const view = this.#shownView();
    return view === null ? null : this.#playlists.media(view, renditionId, skip);
  }

  /** The multivariant playlist; null while there is no view. */
  multivariant(nowMs: number): TextBody | null {
    const view = this.#shownView();
    return view === null ? null : this.#playlists.multivariant(view, () => this.renditionInfos(nowMs), nowMs);
  }

  /** The MPD; null while there is no view. */
  mpd(nowMs: number): TextBody | null {
    const view = this.#shownView();
    return view === null ? null : this.#playlists.mpd(view, () => this.renditionInfos(nowMs), nowMs);
  }

  #shownView(): ChannelView | null {
    const view = this.view();
    if (view === null) return null;
    const cut = this.#cutSince(view.runs[0]?.startMs ?? 0);
    if (cut.length === 0) return view;
    const key = cut.map(({ fromMs, toMs }) => `${fromMs}-${toMs}`).join();
    if (this.#shown?.of !== view || this.#shown.key !== key)
      this.#shown = { of: view, key, view: shownView(view, cut) };
    return this.#shown.view;
  }

  #renditionsMs(nowMs: number): Record<string, number | null> {
    const rounded = (ms: number | null): number | null => (ms === null ? null : Math.round(ms));
    return Object.fromEntries(
      this.#timeline.renditions.map(({ id, segments }) => [id, rounded(renditionLagMs(segments, nowMs))]),
    );
  }

  #advance(nowMs: number): void {
    this.#isAtRest = false;
    const hasChanged = this.#timeline.advance(nowMs);
    for (const late of this.#timeline.takeLate()) for (const listener of this.#lateListeners) listener(late);
    if (!hasChanged) return;
    const run = this.#timeline.currentRun;
    if (run !== undefined && run.id !== this.#savedRun) {
      this.#savedRun = run.id;
      this.#playlists.refresh();
      this.#deps.saveRuns(this.#timeline.log.snapshot());
    }
    this.#followers.deliver();
    for (const listener of this.#listeners) listener();
  }

  /** Discards the segments of a channel that nobody watches, once they are too old for whoever requests it next. */
  #rest(nowMs: number): void {
    if (this.#isAtRest || !this.#timeline.rest(nowMs)) return;
    this.#isAtRest = true;
    this.#shown = null;
    this.#playlists.clear();
  }
}
