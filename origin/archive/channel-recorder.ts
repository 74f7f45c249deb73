import type { LiveChannel } from '../live/live-channel.ts';
import { SLATE } from '../packager/feed/slate-feed.ts';
import type { Archive } from './archive.ts';
import type { ArchiveReader } from './archive-reader.ts';

/** Hands the segments of one channel to the archive as they close: all that was on air but the slate, which is made anew. */
export class ChannelRecorder {
  readonly #channel: string;
  readonly #live: LiveChannel;
  readonly #archive: Archive;
  readonly #reader: ArchiveReader;
  /** The newest segment that was taken or passed over, by rendition. */
  readonly #newest = new Map<string, number>();

  /**
   * @param archive takes what closes
   * @param reader is told of the init segments
   */
  constructor(channel: string, live: LiveChannel, archive: Archive, reader: ArchiveReader) {
    this.#channel = channel;
    this.#live = live;
    this.#archive = archive;
    this.#reader = reader;
  }

  /** Looks for what has closed. To be called after each step of the channel. */
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

  /**
   * Within a class everything is kept under the name that viewers had it by, a rung that stands in for another and the
   * slate's sound where a teacher sends none: whatever was listed is there.
   */
  #isSlate(number: number): boolean {
    return this.#live.feedAt(number) === SLATE;
  }
}
