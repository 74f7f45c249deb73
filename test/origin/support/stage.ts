import {
  ChannelTimeline,
  type ChannelTimelineOptions,
} from '../../../origin/packager/timeline/channel-timeline.ts';
import type { FeedEnding } from '../../../origin/packager/feed/feed-liveness.ts';
import type { Segment, TrackInit } from '../../../origin/packager/media.ts';
import { parseFeedName } from '../../../shared/names.ts';
import { START_MS, syntheticInit, syntheticSamples, syntheticSlate } from './synthetic.ts';

/** How a player on the stage publishes. */
export type Publisher = {
  readonly feed: string;
  readonly tracks: readonly TrackInit[];
  /** How far its media is behind the clock, milliseconds. */
  readonly lagMs: number;
  /** A byte in each sample that tells its bytes from others'. */
  readonly mark: number;
  /** Media time it has sent up to. */
  sentMs: number;
};

/** A channel timeline with a clock that a test turns by hand, and publishers that keep up with it. */
export class Stage {
  timeline: ChannelTimeline;
  nowMs: number;
  readonly #publishers = new Set<Publisher>();
  readonly #options: Partial<ChannelTimelineOptions>;

  constructor(options: Partial<ChannelTimelineOptions> = {}, startMs = START_MS) {
    this.#options = options;
    this.nowMs = startMs;
    this.timeline = this.#make();
    this.timeline.advance(this.nowMs);
  }

  #make(): ChannelTimeline {
    return new ChannelTimeline({
      id: 'hall-7',
      title: 'Hall 7',
      language: 'zh',
      partTargetMs: 200,
      gridUnits: 1,
      targetDurationS: 2,
      videoCut: 'grid',
      windowSegments: 10,
      renditions: [
        { id: '720p', kind: 'video' },
        { id: '360p', kind: 'video' },
        { id: 'audio', kind: 'audio' },
      ],
      priorities: { emergency: 100, live: 50, replay: 20 },
      slate: syntheticSlate(),
      log: null,
      startMs: this.nowMs,
      ...this.#options,
    });
  }

  /** A new process takes over: nothing is left but the runs that were kept. */
  restart(): void {
    const log = structuredClone(this.timeline.log.snapshot());
    this.#publishers.clear();
    this.timeline = new ChannelTimeline({ ...this.timeline.options, log, startMs: this.nowMs });
    this.timeline.advance(this.nowMs);
  }

  /** Somebody begins to publish; media starts `lagMs` ago. */
  publish(
    feed: string,
    names: readonly string[] = ['720p', '360p', 'audio'],
    options: Partial<Publisher> = {},
  ): Publisher {
    const tracks = names.map((name) =>
      syntheticInit(name, name === 'audio' ? 'audio' : 'video', Number.parseInt(name, 10) || 0),
    );
    const lagMs = options.lagMs ?? 300;
    const publisher = { feed, tracks, lagMs, mark: 1, sentMs: this.nowMs - lagMs, ...options };
    this.connect(publisher);
    return publisher;
  }

  /** Opens, or opens again, all tracks of a publisher; `fromMs` is where it sends from. */
  connect(publisher: Publisher, fromMs = publisher.sentMs): void {
    const names = publisher.tracks.map(({ hash }) => hash);
    for (const init of publisher.tracks) {
      this.timeline.openTrack(parseFeedName(publisher.feed), init.hash, init, names, this.nowMs);
    }
    publisher.sentMs = fromMs;
    this.#publishers.add(publisher);
    this.#send(publisher);
  }

  /** It sends nothing more; its connections end as said, or stand silent. */
  leave(publisher: Publisher, how: FeedEnding | 'broken' | 'silent'): void {
    this.#publishers.delete(publisher);
    if (how === 'silent') return;
    for (const { hash } of publisher.tracks) {
      this.timeline.closeTrack(publisher.feed, hash, how === 'broken' ? null : how);
    }
    this.timeline.advance(this.nowMs);
  }

  /** Lets time go by in steps of 20 ms. */
  run(milliseconds: number): void {
    for (const endMs = this.nowMs + milliseconds; this.nowMs < endMs; ) {
      this.nowMs = Math.min(this.nowMs + 20, endMs);
      for (const publisher of this.#publishers) this.#send(publisher);
      this.timeline.advance(this.nowMs);
    }
  }

  /** A rendition's segments, those that left the playlist among them. */
  segments(rendition = '720p'): readonly Segment[] {
    return this.timeline.rendition(rendition)?.segments ?? [];
  }

  /** What each segment of a rendition shows: a letter for its init segment, and a line for a discontinuity before it. */
  picture(rendition = '720p'): string {
    return this.segments(rendition)
      .map(
        ({ discontinuity, gap, init }) =>
          (discontinuity ? '|' : '') + (gap ? '-' : init.hash.startsWith('slate') ? 's' : 'L'),
      )
      .join('');
  }

  #send(publisher: Publisher): void {
    const toMs = this.nowMs - publisher.lagMs;
    for (const init of publisher.tracks) {
      const samples = syntheticSamples(init, publisher.sentMs, toMs, publisher.mark);
      this.timeline.push(publisher.feed, init.hash, samples, this.nowMs);
    }
    publisher.sentMs = Math.max(publisher.sentMs, toMs);
  }
}
