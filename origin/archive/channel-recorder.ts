import type { LiveChannel } from '../live/live-channel.ts';
import { SLATE } from '../packager/feed/slate-feed.ts';
import { lateRendition } from '../packager/recording/late-rendition.ts';
import type { LateSegment } from '../packager/timeline/late-segments.ts';
import type { Archive } from './archive.ts';
import type { ArchiveReader } from './archive-reader.ts';

/** Gives the closed segments of one channel to the archive: all but the slate's, which can be generated again. */
export class ChannelRecorder {
  readonly #channel: string;
  readonly #live: LiveChannel;
  readonly #archive: Archive;
  readonly #reader: ArchiveReader;
  /** Number of the newest segment that was given to the archive or left out, by rendition. */
  readonly #newest = new Map<string, number>();

  /**
   * @param archive takes the segments
   * @param reader caches their init segments
   */
  constructor(channel: string, live: LiveChannel, archive: Archive, reader: ArchiveReader) {
    this.#channel = channel;
    this.#live = live;
    this.#archive = archive;
    this.#reader = reader;
  }

  /** Takes what has closed since the last call. To be called after each step of the channel. */
  takeClosed(): void {
    for (const { id, segments } of this.#live.renditions) {
      const newest = this.#newest.get(id) ?? Number.NEGATIVE_INFINITY;
      let from = segments.length;
      while (from > 0 && (segments[from - 1]?.number ?? newest) > newest) from -= 1;
      for (const segment of segments.slice(from)) {
        if (!segment.closed) break;
        this.#newest.set(id, segment.number);
        if (segment.gap || this.#isSlate(segment.number)) continue;
        this.#reader.cacheInit(this.#channel, id, segment.init);
        this.#archive.take(this.#channel, id, segment);
      }
    }
  }

  /** Takes a segment of a class that came when its time on air had passed: under a name of its own, since its number was the slate's. */
  takeLate({ rendition, segment }: LateSegment): void {
    const id = lateRendition(rendition);
    this.#reader.cacheInit(this.#channel, id, segment.init);
    this.#archive.take(this.#channel, id, segment);
  }

  /**
   * Within a class every listed segment is stored under the rendition that listed it: also a rung that stands in for another
   * one, and the slate's sound where a teacher sends none. A replay needs what viewers saw.
   */
  #isSlate(number: number): boolean {
    return this.#live.feedAt(number) === SLATE;
  }
}
