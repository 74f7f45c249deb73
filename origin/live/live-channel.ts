import type { ServerResponse } from 'node:http';
import type { ChannelTimeline } from '../packager/timeline/channel-timeline.ts';
import { describeRenditions } from '../packager/timeline/rendition-info.ts';
import type { ChannelView, Mark, RenditionInfo, RunState, Segment } from '../packager/media.ts';
import type { RunLogSnapshot } from '../packager/timeline/run-log.ts';
import { RenderedPlaylists } from './rendered-playlists.ts';

/** What a channel asks of those around it. */
export type LiveChannelDeps = {
  readonly timeline: ChannelTimeline;
  /** What the ladder is going to be, by rendition id, while no class shows what it is. */
  readonly nominal: ReadonlyMap<string, RenditionInfo>;
  /** Keeps the runs over a restart; called when one begins. */
  keep(snapshot: RunLogSnapshot): void;
};

/** A client that follows a segment while it grows. */
type Follower = {
  readonly res: ServerResponse;
  readonly renditionId: string;
  readonly number: number;
  sentParts: number;
};

/** Nobody asks and nothing comes in: after so long a channel is no longer moved along, in milliseconds. */
const AWAKE_MS = 30_000;
/** A follower that has so much unsent cannot keep up, in bytes. */
const MAX_UNSENT_BYTES = 8 * 2 ** 20;
/** After so long a class that is over, or was cut off, is forgotten, and the next one is waited for, in milliseconds. */
const OVER_MS = 3_600_000;

/**
 * A channel in service: its timeline, what was written from it, and who waits for more. All of its callers run on one
 * thread; `advance` does all that follows from new media in one go.
 */
export class LiveChannel {
  readonly timeline: ChannelTimeline;
  readonly #deps: LiveChannelDeps;
  readonly playlists = new RenderedPlaylists();
  readonly #followers = new Set<Follower>();
  readonly #listeners = new Set<() => void>();
  #askedMs = Number.NEGATIVE_INFINITY;
  #keptRun: string | null = null;
  #isAtRest = false;

  constructor(deps: LiveChannelDeps) {
    this.timeline = deps.timeline;
    this.#deps = deps;
    this.#keptRun = deps.timeline.currentRun?.id ?? null;
  }

  /** Calls back after each step that brought something new. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Somebody asks for something: wakes the channel. */
  touch(nowMs: number): void {
    const wasAsleep = !this.isAwake(nowMs);
    this.#askedMs = nowMs;
    if (wasAsleep) this.advance(nowMs);
  }

  /** True while somebody watches or something comes in; only then is it worth moving along. */
  isAwake(nowMs: number): boolean {
    return nowMs - this.#askedMs < AWAKE_MS || this.timeline.feeds.length > 0 || this.#followers.size > 0;
  }

  /** Lets go of what an unwatched channel has, once it is of no use to whoever comes next. To be called now and then. */
  rest(nowMs: number): void {
    if (this.#isAtRest || this.isAwake(nowMs) || !this.timeline.rest(nowMs)) return;
    this.#isAtRest = true;
    this.playlists.forget();
  }

  /** Puts marks in place of those before; what is written from now on has them. */
  setMarks(marks: readonly Mark[]): void {
    this.timeline.setMarks(marks);
    this.playlists.refresh();
  }

  /** Moves on to the time given and tells whoever waits. */
  advance(nowMs: number): void {
    this.#isAtRest = false;
    if (!this.timeline.advance(nowMs)) return;
    const run = this.timeline.currentRun;
    if (run !== undefined && run.id !== this.#keptRun) {
      this.#keptRun = run.id;
      this.playlists.refresh();
      this.#deps.keep(this.timeline.log.snapshot());
    }
    this.#feedFollowers();
    for (const listener of this.#listeners) listener();
  }

  /** The view, or null while a rendition has nothing to list yet. */
  view(): ChannelView | null {
    const view = this.timeline.view();
    return view.renditions.every(({ segments }) => segments.length > 0) ? view : null;
  }

  /** What the multivariant playlist and the MPD say of the renditions. */
  renditionInfos(): RenditionInfo[] {
    return describeRenditions(this.timeline, this.#deps.nominal);
  }

  /**
   * What viewers are told, and since when.
   *
   * @returns `before` while nothing was on air yet
   */
  state(nowMs: number): { readonly state: RunState; readonly sinceMs: number } {
    const run = this.timeline.currentRun;
    if (run === undefined) return { state: 'before', sinceMs: nowMs };
    const isPast = run.state === 'over' || run.state === 'interrupted';
    const isHistory = isPast && nowMs - run.startMs > OVER_MS;
    return { state: isHistory ? 'before' : run.state, sinceMs: run.startMs };
  }

  /** Sends a segment that still grows: what is there now, and each part as it comes, until the segment is whole. */
  follow(res: ServerResponse, renditionId: string, segment: Segment): void {
    const follower: Follower = { res, renditionId, number: segment.number, sentParts: 0 };
    this.#followers.add(follower);
    res.once('close', () => this.#followers.delete(follower));
    this.#sendNew(follower);
  }

  #feedFollowers(): void {
    for (const follower of this.#followers) this.#sendNew(follower);
  }

  #sendNew(follower: Follower): void {
    const { res, renditionId, number } = follower;
    const segment = this.timeline.rendition(renditionId)?.segment(number);
    if (segment === undefined || res.writableLength > MAX_UNSENT_BYTES) {
      // A body that ends early must not look whole, nor to HTTP/1.0, where the end of the connection is the body's own.
      this.#followers.delete(follower);
      res.socket?.resetAndDestroy();
      res.destroy();
      return;
    }
    for (const part of segment.parts.slice(follower.sentParts)) res.write(part.bytes);
    follower.sentParts = segment.parts.length;
    if (segment.closed) {
      this.#followers.delete(follower);
      res.end();
    }
  }
}
