import type { FeedSource } from '../feed/feed.ts';
import { MAX_TRACKS } from '../feed/feed-registry.ts';
import { SLATE } from '../feed/slate-feed.ts';
import { type Assignment, RenditionTimeline } from './rendition-timeline.ts';

/** The renditions of a channel: those of its ladder, and those that a feed has brought. They stay. */
export class Renditions {
  readonly #byId = new Map<string, RenditionTimeline>();
  readonly #gridUnits: number;
  readonly #retainedSegments: number;

  constructor(gridUnits: number, retainedSegments: number) {
    this.#gridUnits = gridUnits;
    this.#retainedSegments = retainedSegments;
  }

  /** In the order in which they were added. */
  get all(): readonly RenditionTimeline[] {
    return [...this.#byId.values()];
  }

  /** A rendition by its id. */
  get(id: string): RenditionTimeline | undefined {
    return this.#byId.get(id);
  }

  /** Adds a rendition that begins with a segment. */
  add(id: string, kind: 'video' | 'audio', firstNumber: number): void {
    this.#byId.set(id, new RenditionTimeline(id, kind, firstNumber, this.#gridUnits, this.#retainedSegments));
  }

  /** Adds what a feed has and the channel has not; a second sound is not offered. */
  addTracksOf(feed: Pick<FeedSource, 'kind' | 'tracks'>, firstNumber: number): void {
    if (feed.kind === SLATE) return;
    for (const { name, init } of feed.tracks.values()) {
      const isSecondSound = init.kind === 'audio' && this.all.some(({ kind }) => kind === 'audio');
      if (this.#byId.has(name) || isSecondSound || this.#byId.size >= MAX_TRACKS) continue;
      this.add(name, init.kind, firstNumber);
    }
  }

  /** Discards all segments, and goes on with another number. */
  restart(firstNumber: number): void {
    for (const rendition of this.#byId.values()) rendition.restart(firstNumber);
  }

  /**
   * Goes as far as decisions and sources allow.
   *
   * @param assignmentOf where a segment of a rendition comes from; undefined where nothing is decided
   * @returns true when something was added or closed
   */
  advance(assignmentOf: (id: string, number: number) => Assignment | undefined): boolean {
    let changed = false;
    for (const rendition of this.#byId.values()) {
      if (rendition.advance((number) => assignmentOf(rendition.id, number))) changed = true;
    }
    return changed;
  }
}
