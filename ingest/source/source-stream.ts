import { FLV_TAG, flvHeader, flvTag } from '../flv.ts';

/** One tag of a feed, complete with its header. */
export type FeedTag = {
  readonly kind: 'audio' | 'video';
  readonly role: 'config' | 'frame' | 'other';
  /** A reader can start here. */
  readonly isSync: boolean;
  /** Unwrapped, milliseconds. */
  readonly timestampMs: number;
  readonly bytes: Buffer;
};

/** Somebody who reads a feed. */
export type FeedReader = {
  write(bytes: Buffer): void;
  /** Bytes that were written and are not sent yet. */
  unsentBytes(): number;
  /** The broadcast is over. */
  end(): void;
  /** The publisher's line dropped. */
  interrupt(): void;
  /** It cannot follow. */
  cut(): void;
};

/** How a feed ended: on purpose, or because the line dropped. */
export type FeedEnd = 'over' | 'interrupted';

/** Bounds on what a feed keeps, in bytes and milliseconds. */
export type FeedLimits = {
  /** What is kept for readers to come. */
  readonly maxKeptBytes: number;
  /** What a reader may leave unsent before it is cut, besides what was kept for it. */
  readonly maxUnsentBytes: number;
  /** Sound that is kept where there is no picture. */
  readonly keptSoundMs: number;
};

/** The bounds of a running ingest. */
export const FEED_LIMITS: FeedLimits = {
  maxKeptBytes: 32 << 20,
  maxUnsentBytes: 16 << 20,
  keptSoundMs: 2000,
};

type Configs = { readonly video: Buffer | null; readonly audio: Buffer | null };

/**
 * The FLV of one broadcast, for any number of readers.
 *
 * Until the first reader came, everything since the first keyframe is kept; then only the current group of pictures.
 */
export class Feed {
  readonly #hasVideo: boolean;
  readonly #head: Buffer;
  readonly #limits: FeedLimits;
  /** With what each may leave unsent: at first more than the limit, by what it was given at once. */
  readonly #readers = new Map<FeedReader, number>();
  /** Readers that wait for the next place to start at. */
  readonly #early = new Set<FeedReader>();
  #configs: Configs = { video: null, audio: null };
  /** The configurations that were in force where `#kept` begins. */
  #keptConfigs: Configs = this.#configs;
  #kept: FeedTag[] = [];
  #keptBytes = 0;
  /** False until a reader can start at what is kept. */
  #startable = false;
  #wasRead = false;
  #end: FeedEnd | null = null;
  #droppedReaders = 0;

  /** @param metadata body of an onMetaData script tag */
  constructor(hasVideo: boolean, hasAudio: boolean, metadata: Buffer, limits: FeedLimits = FEED_LIMITS) {
    this.#hasVideo = hasVideo;
    this.#head = Buffer.concat([flvHeader(hasVideo, hasAudio), flvTag(FLV_TAG.script, 0, metadata)]);
    this.#limits = limits;
  }

  /** Readers that were cut because they could not follow. */
  get droppedReaders(): number {
    return this.#droppedReaders;
  }

  /** Readers attached now. */
  get readers(): number {
    return this.#readers.size + this.#early.size;
  }

  /** Whether anybody read it, so that nothing waits to be read once it has ended. */
  get wasRead(): boolean {
    return this.#wasRead;
  }

  /** Takes a tag in and hands it to every reader; what comes before the first keyframe is left out. */
  push(tag: FeedTag): void {
    if (this.#end !== null) return;
    if (tag.role === 'config') this.#configs = { ...this.#configs, [tag.kind]: tag.bytes };
    if (this.#startsHere(tag)) this.#restart(true);
    for (const [reader, allowedBytes] of this.#readers) this.#send(reader, allowedBytes, tag.bytes);
    if (this.#startable) this.#keep(tag);
  }

  /**
   * Adds a reader: it is given the head, what is kept, and then every tag as it comes. To an ended feed it is given what
   * is left and the end.
   *
   * @returns a function that takes it away again
   */
  attach(reader: FeedReader): () => void {
    this.#wasRead = true;
    reader.write(this.#head);
    if (this.#startable) this.#begin(reader);
    else this.#early.add(reader);
    if (this.#end !== null) this.#finish(this.#end);
    return () => {
      this.#readers.delete(reader);
      this.#early.delete(reader);
    };
  }

  /** Ends the feed for all readers. The first call counts. */
  end(how: FeedEnd): void {
    if (this.#end !== null) return;
    this.#end = how;
    this.#finish(how);
  }

  #begin(reader: FeedReader): void {
    const { maxUnsentBytes } = this.#limits;
    this.#readers.set(reader, maxUnsentBytes + this.#keptBytes);
    const { video, audio } = this.#keptConfigs;
    if (video !== null) reader.write(video);
    if (audio !== null) reader.write(audio);
    for (const tag of this.#kept) reader.write(tag.bytes);
  }

  #finish(how: FeedEnd): void {
    for (const reader of [...this.#early, ...this.#readers.keys()]) {
      if (how === 'over') reader.end();
      else reader.interrupt();
    }
    this.#early.clear();
    this.#readers.clear();
  }

  #startsHere(tag: FeedTag): boolean {
    if (tag.role !== 'frame') return false;
    if (this.#hasVideo) return tag.kind === 'video' && tag.isSync && (this.#wasRead || !this.#startable);
    if (!this.#startable) return true;
    const firstMs = this.#kept[0]?.timestampMs ?? tag.timestampMs;
    return this.#wasRead && tag.timestampMs - firstMs > this.#limits.keptSoundMs;
  }

  #restart(startable: boolean): void {
    this.#kept = [];
    this.#keptBytes = 0;
    this.#keptConfigs = this.#configs;
    this.#startable = startable;
    if (!startable) return;
    for (const reader of this.#early) this.#begin(reader);
    this.#early.clear();
  }

  #keep(tag: FeedTag): void {
    this.#kept.push(tag);
    this.#keptBytes += tag.bytes.length;
    if (this.#keptBytes <= this.#limits.maxKeptBytes) return;
    // Nobody came for it in time, or the group of pictures has no end: readers to come start at the next keyframe.
    this.#restart(false);
    this.#wasRead = true;
  }

  #send(reader: FeedReader, allowedBytes: number, bytes: Buffer): void {
    reader.write(bytes);
    const unsentBytes = reader.unsentBytes();
    if (unsentBytes <= allowedBytes) {
      // It has caught up with what was kept for it: from now on it is one like all others.
      const { maxUnsentBytes } = this.#limits;
      if (allowedBytes > maxUnsentBytes && unsentBytes <= maxUnsentBytes)
        this.#readers.set(reader, maxUnsentBytes);
      return;
    }
    this.#readers.delete(reader);
    this.#droppedReaders++;
    reader.cut();
  }
}
