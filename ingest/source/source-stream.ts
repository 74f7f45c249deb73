import { writeFlvHeader, writeFlvTag } from '../../media/flv/flv-writer.ts';

/** One FLV tag, complete with its header; a video configuration with its picture tag in front. */
export type SourceTag = {
  readonly kind: 'audio' | 'video';
  readonly role: 'config' | 'frame';
  /** True when a reader can start here. */
  readonly isSync: boolean;
  /** Unwrapped, milliseconds. */
  readonly timestampMs: number;
  readonly bytes: Buffer;
};

/** A reader of a source; implemented by the HTTP endpoint. */
export type SourceReader = {
  write(bytes: Buffer): void;
  /** Bytes written and not yet sent. */
  unsentBytes(): number;
  /** The broadcast is over. */
  end(): void;
  /** The publisher's connection broke. */
  interrupt(): void;
  /** The reader is too slow. */
  cut(): void;
};

/** How a source ended: the publisher stopped, or her connection broke. */
export type SourceEnding = 'over' | 'interrupted';

/** Bounds on what a source caches, in bytes and milliseconds. */
export type SourceLimits = {
  /** Tags cached for later readers. */
  readonly maxCachedBytes: number;
  /** Unsent bytes after which a reader is disconnected; the cached tags that it was given at first come on top. */
  readonly maxUnsentBytes: number;
  /** Sound that is cached when there is no picture. */
  readonly cachedSoundMs: number;
};

/** The bounds of a running ingest. */
export const SOURCE_LIMITS: SourceLimits = {
  maxCachedBytes: 32 << 20,
  maxUnsentBytes: 16 << 20,
  cachedSoundMs: 2000,
};

type Configs = { readonly video: Buffer | null; readonly audio: Buffer | null };

/**
 * The FLV stream of one publication, for any number of readers.
 *
 * Until the first reader attaches, everything since the first keyframe is cached; then only the current group of pictures.
 */
export class SourceStream {
  #hasVideo: boolean;
  #hasAudio: boolean;
  readonly #metadata: Buffer;
  readonly #limits: SourceLimits;
  /** Readers with their limit of unsent bytes: at first higher by the cached bytes that they were given. */
  readonly #readers = new Map<SourceReader, number>();
  /** Readers that wait for the next keyframe. */
  readonly #early = new Set<SourceReader>();
  #configs: Configs = { video: null, audio: null };
  /** The configurations in force at the first cached tag. */
  #cachedConfigs: Configs = this.#configs;
  #cached: SourceTag[] = [];
  #cachedBytes = 0;
  /** Whether a reader can start at the first cached tag. */
  #startable = false;
  #wasRead = false;
  #end: SourceEnding | null = null;
  #droppedReaders = 0;

  /**
   * @param hasVideo pictures are coming: readers begin with a keyframe. Otherwise the first one that comes changes this
   * @param metadata body of an onMetaData script tag
   */
  constructor(hasVideo: boolean, hasAudio: boolean, metadata: Buffer, limits: SourceLimits = SOURCE_LIMITS) {
    this.#hasVideo = hasVideo;
    this.#hasAudio = hasAudio;
    this.#metadata = writeFlvTag('script', 0, metadata);
    this.#limits = limits;
  }

  /** When the publisher last answered a ping: what she sent before has arrived. UTC milliseconds; null before the first answer. */
  heardMs: number | null = null;

  /** Readers that were disconnected because they were too slow. */
  get droppedReaders(): number {
    return this.#droppedReaders;
  }

  /** Readers now attached. */
  get readers(): number {
    return this.#readers.size + this.#early.size;
  }

  /** Whether a reader has attached since the start. */
  get wasRead(): boolean {
    return this.#wasRead;
  }

  /** Sends a tag to every reader. Tags before the first keyframe are dropped. */
  push(tag: SourceTag): void {
    if (this.#end !== null) return;
    if (tag.role === 'config') this.#configs = { ...this.#configs, [tag.kind]: tag.bytes };
    this.#hasAudio ||= tag.kind === 'audio';
    this.#hasVideo ||= tag.kind === 'video' && tag.isSync && tag.role === 'frame';
    if (this.#startsHere(tag)) this.#restart(true);
    for (const [reader, allowedBytes] of this.#readers) this.#send(reader, allowedBytes, tag.bytes);
    if (this.#startable) this.#cache(tag);
  }

  /**
   * Adds a reader. It receives the header, the cached tags, and then every new tag; of an ended source the cached tags and
   * the end.
   *
   * @returns a function that removes it
   */
  attach(reader: SourceReader): () => void {
    this.#wasRead = true;
    const header = writeFlvHeader({ hasVideo: this.#hasVideo, hasAudio: this.#hasAudio });
    reader.write(Buffer.concat([header, this.#metadata]));
    if (this.#startable) this.#begin(reader);
    else this.#early.add(reader);
    if (this.#end !== null) this.#finish(this.#end);
    return () => {
      this.#readers.delete(reader);
      this.#early.delete(reader);
    };
  }

  /** Ends the source for all readers. Only the first call counts. */
  end(how: SourceEnding): void {
    if (this.#end !== null) return;
    this.#end = how;
    this.#finish(how);
  }

  #begin(reader: SourceReader): void {
    const { maxUnsentBytes } = this.#limits;
    this.#readers.set(reader, maxUnsentBytes + this.#cachedBytes);
    const { video, audio } = this.#cachedConfigs;
    if (video !== null) reader.write(video);
    if (audio !== null) reader.write(audio);
    for (const tag of this.#cached) reader.write(tag.bytes);
  }

  #finish(how: SourceEnding): void {
    for (const reader of [...this.#early, ...this.#readers.keys()]) {
      if (how === 'over') reader.end();
      else reader.interrupt();
    }
    this.#early.clear();
    this.#readers.clear();
  }

  #startsHere(tag: SourceTag): boolean {
    if (tag.role !== 'frame') return false;
    if (this.#hasVideo) return tag.kind === 'video' && tag.isSync && (this.#wasRead || !this.#startable);
    if (!this.#startable) return true;
    const firstMs = this.#cached[0]?.timestampMs ?? tag.timestampMs;
    return this.#wasRead && tag.timestampMs - firstMs > this.#limits.cachedSoundMs;
  }

  #restart(startable: boolean): void {
    this.#cached = [];
    this.#cachedBytes = 0;
    this.#cachedConfigs = this.#configs;
    this.#startable = startable;
    if (!startable) return;
    for (const reader of this.#early) this.#begin(reader);
    this.#early.clear();
  }

  #cache(tag: SourceTag): void {
    this.#cached.push(tag);
    this.#cachedBytes += tag.bytes.length;
    if (this.#cachedBytes <= this.#limits.maxCachedBytes) return;
    // No reader came in time, or the group of pictures is too long: later readers start at the next keyframe.
    this.#restart(false);
    this.#wasRead = true;
  }

  #send(reader: SourceReader, allowedBytes: number, bytes: Buffer): void {
    reader.write(bytes);
    const unsentBytes = reader.unsentBytes();
    if (unsentBytes <= allowedBytes) {
      // It has sent the cached tags that it was given; from now on the normal limit holds.
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
