import type { Sample } from '../../../media/bmff/sample.ts';
import { readFragment } from '../../../media/bmff/fragment-reader.ts';
import type { FeedName } from '../../../shared/names.ts';
import type { LiveChannel } from '../../live/live-channel.ts';
import { ChunkSplitter } from '../../packager/cmaf/chunk-splitter.ts';
import { parseInit } from '../../packager/cmaf/init-segment.ts';
import type { TrackEnding } from '../../packager/feed/feed-liveness.ts';
import type { TrackInit } from '../../packager/media.ts';

/** What a push needs of a channel. */
export type ChannelIntake = Pick<LiveChannel, 'openTrack' | 'push' | 'closeTrack'>;

/** Where the bytes of one push belong. */
export type PushTarget = {
  readonly channel: ChannelIntake;
  readonly feed: FeedName;
  readonly track: string;
  /** All tracks that the sender is going to open; empty when it does not say. */
  readonly announced: readonly string[];
};

/** Turns the body of one push into samples of a channel: an init segment, then chunks (CMAF, ISO/IEC 23000-19 §7.3). */
export class TrackIntake {
  readonly #target: PushTarget;
  readonly #splitter = new ChunkSplitter();
  #init: TrackInit | null = null;

  constructor(target: PushTarget) {
    this.#target = target;
  }

  /**
   * Adds bytes as they arrive. All complete chunks among them go to the channel in one call, those before a fault too.
   *
   * @throws {MediaError} `bad-cmaf` (400), {FeedError} as in {@link LiveChannel}
   */
  write(bytes: Buffer, nowMs: number): void {
    const chunks: (readonly Sample[])[] = [];
    try {
      for (const piece of this.#splitter.push(bytes)) {
        if (piece.kind === 'init') {
          this.#flush(chunks, nowMs);
          this.#open(parseInit(piece.bytes, piece.offsetBytes), nowMs);
        } else if (this.#init !== null) {
          chunks.push(readFragment(piece.bytes, this.#init, piece.offsetBytes));
        }
      }
    } finally {
      this.#flush(chunks, nowMs);
    }
  }

  /**
   * Ends the body.
   *
   * @throws {MediaError} `bad-cmaf` (400) when it ends within a box
   */
  end(): void {
    this.#splitter.finish();
  }

  /** Reports to the channel that the connection is gone; see {@link LiveChannel.closeTrack}. */
  close(ending: TrackEnding | null, nowMs: number): void {
    const { channel, feed, track } = this.#target;
    channel.closeTrack(feed.id, track, ending, nowMs);
  }

  #open(init: TrackInit, nowMs: number): void {
    const { channel, feed, track, announced } = this.#target;
    this.#init = init;
    channel.openTrack(feed, track, init, announced, nowMs);
  }

  #flush(chunks: (readonly Sample[])[], nowMs: number): void {
    if (chunks.length === 0) return;
    const { channel, feed, track } = this.#target;
    channel.push(feed.id, track, chunks.splice(0), nowMs);
  }
}
