import { describeError } from '../../shared/errors.ts';
import { getIfThere, type ObjectStore, StoreError } from '../../shared/object-store.ts';
import { parseInit } from '../packager/cmaf/init-segment.ts';
import type { TrackInit } from '../packager/media.ts';
import { describeSegment, type StoredSegment } from '../packager/stored-segment.ts';
import {
  indexKey,
  indexPrefix,
  initKey,
  mediaPrefix,
  parseSegmentKey,
  type SegmentKey,
} from './archive-keys.ts';
import { blockOf, formatBlock, inOrder } from './index-block.ts';

/** What a rebuild did. */
export type Rebuilt = {
  readonly segments: number;
  readonly blocks: number;
  /** Objects that could not be read as segments; each was named. */
  readonly unreadable: number;
};

/** Segments that are read at once. */
const READS_AT_ONCE = 8;

/**
 * Makes the index anew from the segments alone: each is read, and what the index says of it stands in its bytes, its init
 * segment and its key. Blocks that hold nothing any more are deleted.
 *
 * @param channel one channel only; all when it is left out
 * @param say told of each object that is no segment, and of each channel that is done
 * @throws {StoreError} `store-unavailable` (503), `store-full` (507)
 */
export async function rebuildIndex(
  store: ObjectStore,
  channel: string | undefined,
  say: (line: string) => void,
): Promise<Rebuilt> {
  const rebuild = new Rebuild(store, say);
  for await (const { key } of store.list(mediaPrefix(channel))) {
    const parsed = parseSegmentKey(key);
    if (parsed !== null) await rebuild.take(key, parsed);
    else rebuild.refuse(key, 'it is not named like a segment');
  }
  return rebuild.finish(channel);
}

class Rebuild {
  readonly #store: ObjectStore;
  readonly #say: (line: string) => void;
  readonly #inits = new Map<string, TrackInit | null>();
  readonly #reading = new Set<Promise<void>>();
  readonly #written = new Set<string>();
  #lines = new Map<string, StoredSegment[]>();
  #channel = '';
  #segments = 0;
  #unreadable = 0;

  constructor(store: ObjectStore, say: (line: string) => void) {
    this.#store = store;
    this.#say = say;
  }

  async take(key: string, segment: SegmentKey): Promise<void> {
    // Keys come by channel: one channel's index is held at a time.
    if (segment.channel !== this.#channel) await this.#write();
    this.#channel = segment.channel;
    const read = this.#read(key, segment).finally(() => this.#reading.delete(read));
    this.#reading.add(read);
    if (this.#reading.size >= READS_AT_ONCE) await Promise.race(this.#reading);
  }

  refuse(key: string, why: string): void {
    this.#unreadable += 1;
    this.#say(`${key}: left out, ${why}`);
  }

  async finish(channel: string | undefined): Promise<Rebuilt> {
    await this.#write();
    const stale: string[] = [];
    for await (const { key } of this.#store.list(indexPrefix(channel))) {
      if (!this.#written.has(key)) stale.push(key);
    }
    await this.#store.delete(stale);
    return { segments: this.#segments, blocks: this.#written.size, unreadable: this.#unreadable };
  }

  async #read(key: string, { channel, rendition, initHash, number }: SegmentKey): Promise<void> {
    const init = await this.#init(channel, rendition, initHash);
    if (init === null) {
      this.refuse(key, `its init segment ${initHash} is not there`);
      return;
    }
    try {
      const segment = describeSegment(rendition, number, await this.#store.get(key), init);
      const block = indexKey(channel, blockOf(segment));
      const lines = this.#lines.get(block);
      if (lines === undefined) this.#lines.set(block, [segment]);
      else lines.push(segment);
      this.#segments += 1;
    } catch (error) {
      if (error instanceof StoreError) throw error;
      this.refuse(key, describeError(error));
    }
  }

  async #init(channel: string, rendition: string, hash: string): Promise<TrackInit | null> {
    const key = initKey(channel, rendition, hash);
    const known = this.#inits.get(key);
    if (known !== undefined) return known;
    const bytes = await getIfThere(this.#store, key);
    const init = bytes === null ? null : parseInit(bytes);
    this.#inits.set(key, init);
    return init;
  }

  async #write(): Promise<void> {
    await Promise.all(this.#reading);
    for (const [key, segments] of this.#lines) {
      await this.#store.put(key, Buffer.from(formatBlock(segments.toSorted(inOrder)), 'utf8'));
      this.#written.add(key);
    }
    if (this.#channel !== '') this.#say(`${this.#channel}: ${this.#lines.size} blocks`);
    this.#lines = new Map();
  }
}
