import type { Part, Segment } from '../packager/media.ts';

/** Receives a segment while it grows. Called on the channel's own thread of work: it must not throw, and must not block. */
export type SegmentListener = {
  /** The next part of the segment, in order; its bytes are borrowed and never change. */
  onPart(part: Part): void;
  /**
   * Nothing more follows.
   *
   * @param outcome `closed` when the segment is whole; `lost` when the channel discarded it before it was
   */
  onEnd(outcome: 'closed' | 'lost'): void;
};

type Follower = {
  readonly listener: SegmentListener;
  readonly renditionId: string;
  readonly number: number;
  /** Parts that were delivered already. */
  delivered: number;
};

/** Those who receive segments of one channel while they grow. */
export class SegmentFollowers {
  readonly #followers = new Set<Follower>();
  readonly #find: (renditionId: string, number: number) => Segment | undefined;

  /** @param find looks up a segment; undefined once it is discarded */
  constructor(find: (renditionId: string, number: number) => Segment | undefined) {
    this.#find = find;
  }

  /** How many there are. */
  get count(): number {
    return this.#followers.size;
  }

  /**
   * Delivers what there is of a segment at once, and then each part as it is added.
   *
   * @returns ends it; may be called at any time, from within the listener too
   */
  add(renditionId: string, number: number, listener: SegmentListener): () => void {
    const follower: Follower = { listener, renditionId, number, delivered: 0 };
    this.#followers.add(follower);
    this.#deliver(follower);
    return () => void this.#followers.delete(follower);
  }

  /** Delivers what is new. To be called whenever segments have grown or were discarded. */
  deliver(): void {
    for (const follower of this.#followers) this.#deliver(follower);
  }

  #deliver(follower: Follower): void {
    const { listener, renditionId, number } = follower;
    const segment = this.#find(renditionId, number);
    if (segment === undefined) {
      this.#followers.delete(follower);
      listener.onEnd('lost');
      return;
    }
    while (follower.delivered < segment.parts.length) {
      const part = segment.parts[follower.delivered];
      if (part === undefined || !this.#followers.has(follower)) return;
      follower.delivered += 1;
      listener.onPart(part);
    }
    if (segment.closed && this.#followers.delete(follower)) listener.onEnd('closed');
  }
}
