import { describeError } from '../../shared/errors.ts';
import { getIfThere, type ObjectStore, StoreError } from '../../shared/object-store.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import { parseInit } from '../packager/cmaf/init-segment.ts';
import type { TrackInit } from '../packager/media.ts';
import { describeSegment, gridStartMsOf, type StoredSegment } from '../packager/recording/stored-segment.ts';
import { ArchiveError } from './archive-error.ts';
import {
  dayOf,
  idOfKey,
  indexKey,
  indexPrefix,
  initKey,
  mediaPrefix,
  parseSegmentKey,
  type SegmentKey,
  segmentKey,
} from './archive-keys.ts';
import {
  BLOCK_MS,
  blockOf,
  formatBlock,
  inOrder,
  mergeSegments,
  parseBlock,
  segmentId,
} from './index-block.ts';

/** What a rebuild did. */
export type Rebuilt = {
  readonly segments: number;
  readonly blocks: number;
  /** Objects that could not be read as segments; each was named. */
  readonly unreadable: number;
};

/** Segments that are read at once. */
const READS_AT_ONCE = 8;
/** How often a block is put again that somebody else puts at the same time. */
const MAX_PUTS = 5;

type Block = { readonly channel: string; readonly blockMs: number; readonly segments: StoredSegment[] };

/**
 * Makes the index anew from the segments alone: each is read, and what the index says of it stands in its bytes, its init
 * segment and its key. What a block lists besides stays where its object is there, since origins that run list what they
 * close meanwhile; a block whose objects are all gone is deleted. A day of one channel is held in memory at a time.
 *
 * @param channel one channel only; all when it is left out
 * @param say told of each object that is no segment, and of each channel that is done
 * @throws {StoreError} what failed first: blocks before that are written, and those behind it are as they were
 */
export async function rebuildIndex(
  store: ObjectStore,
  channel: string | undefined,
  say: (line: string) => void,
): Promise<Rebuilt> {
  const before: string[] = [];
  for await (const { key } of store.list(indexPrefix(channel))) before.push(key);
  const rebuild = new Rebuild(store, say);
  const days = daysOf(store, channel, (key) => rebuild.refuse(key, 'it is not named like a segment'));
  for await (const { channel: of, day, keys } of days) {
    await rebuild.beginDay(of, day);
    await forEachBounded(keys, READS_AT_ONCE, ([key, segment]) => rebuild.read(key, segment));
  }
  return rebuild.finish(before);
}

type Day = {
  readonly channel: string;
  readonly day: string;
  readonly keys: readonly (readonly [key: string, segment: SegmentKey])[];
};

/** Segments as they are listed: by channel, then by day. */
async function* daysOf(
  store: ObjectStore,
  channel: string | undefined,
  refuse: (key: string) => void,
): AsyncGenerator<Day, void, undefined> {
  let at = { channel: '', day: '' };
  let keys: [string, SegmentKey][] = [];
  for await (const { key } of store.list(mediaPrefix(channel))) {
    const segment = parseSegmentKey(key);
    const day = key.split('/')[2] ?? '';
    if (segment === null) {
      refuse(key);
      continue;
    }
    if (segment.channel !== at.channel || day !== at.day) {
      if (keys.length > 0) yield { ...at, keys };
      keys = [];
      at = { channel: segment.channel, day };
    }
    keys.push([key, segment]);
  }
  if (keys.length > 0) yield { ...at, keys };
}

class Rebuild {
  readonly #store: ObjectStore;
  readonly #say: (line: string) => void;
  readonly #inits = new Map<string, TrackInit | null>();
  readonly #blocks = new Map<string, Block>();
  readonly #written = new Set<string>();
  #channel = '';
  #segments = 0;
  #unreadable = 0;

  constructor(store: ObjectStore, say: (line: string) => void) {
    this.#store = store;
    this.#say = say;
  }

  /** Writes what no segment of this day or a later one belongs to. */
  async beginDay(channel: string, day: string): Promise<void> {
    const startMs = channel === this.#channel ? Date.parse(`${day}T00:00:00Z`) : Number.POSITIVE_INFINITY;
    await this.#writeBefore(startMs);
    if (channel !== this.#channel) this.#inits.clear();
    this.#channel = channel;
  }

  async read(key: string, segment: SegmentKey): Promise<void> {
    const { channel, rendition, initHash, number } = segment;
    try {
      const init = await this.#init(channel, rendition, initHash);
      if (init === null) throw new TypeError(`its init segment ${initHash} is not there`);
      const described = describeSegment(rendition, number, await this.#store.get(key), init);
      const blockMs = blockOf(described);
      const block = this.#blocks.get(indexKey(channel, blockMs));
      if (block === undefined) {
        this.#blocks.set(indexKey(channel, blockMs), { channel, blockMs, segments: [described] });
      } else block.segments.push(described);
      this.#segments += 1;
    } catch (error) {
      // Retention may have erased it since it was listed.
      if (error instanceof StoreError && error.code === 'no-such-object') return;
      if (error instanceof StoreError) throw error;
      this.refuse(key, describeError(error));
    }
  }

  refuse(key: string, why: string): void {
    this.#unreadable += 1;
    this.#say(`${key}: left out, ${why}`);
  }

  /** @param before blocks that there were when it began */
  async finish(before: readonly string[]): Promise<Rebuilt> {
    await this.#writeBefore(Number.POSITIVE_INFINITY);
    for (const key of before) {
      if (this.#written.has(key)) continue;
      const [, name = '', blockMs = ''] = key.split('/');
      await this.#writeBlock(key, {
        channel: idOfKey(name),
        blockMs: Number.parseInt(blockMs, 10),
        segments: [],
      });
    }
    return { segments: this.#segments, blocks: this.#written.size, unreadable: this.#unreadable };
  }

  async #writeBefore(timeMs: number): Promise<void> {
    let count = 0;
    for (const [key, block] of this.#blocks) {
      if (block.blockMs + BLOCK_MS > timeMs) continue;
      this.#blocks.delete(key);
      await this.#writeBlock(key, block);
      this.#written.add(key);
      count += 1;
    }
    if (count > 0)
      this.#say(`${this.#channel}: ${count} blocks${timeMs < Infinity ? ` before ${dayOf(timeMs)}` : ''}`);
  }

  /** Puts a block, and looks whether an origin has put its own at the same time: then both are in the next. */
  async #writeBlock(key: string, { channel, segments }: Block): Promise<void> {
    for (let put = 0; put < MAX_PUTS; put += 1) {
      const others = await this.#othersIn(key, channel, segments);
      const lines = mergeSegments(segments, others).toSorted(inOrder);
      const stored = await getIfThere(this.#store, key);
      const text = lines.length === 0 ? null : formatBlock(lines);
      if (text === (stored?.toString('utf8') ?? null)) return;
      if (text === null) await this.#store.delete([key]);
      else await this.#store.put(key, Buffer.from(text, 'utf8'));
    }
    throw new ArchiveError(`${key} is written by another all the time`, { code: 'bad-index' });
  }

  /** What a block lists besides, where its object is there. A block that cannot be read lists nothing. */
  async #othersIn(
    key: string,
    channel: string,
    segments: readonly StoredSegment[],
  ): Promise<StoredSegment[]> {
    const bytes = await getIfThere(this.#store, key);
    if (bytes === null) return [];
    let listed: StoredSegment[];
    try {
      listed = parseBlock(bytes.toString('utf8'), key);
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
      this.#say(`${key}: made anew, ${error.message}`);
      return [];
    }
    const known = new Set(segments.map(segmentId));
    const others: StoredSegment[] = [];
    await forEachBounded(
      listed.filter((segment) => !known.has(segmentId(segment))),
      READS_AT_ONCE,
      async (segment) => {
        const object = await this.#store.stat(segmentKey(channel, gridStartMsOf(segment), segment));
        if (object !== null) others.push(segment);
      },
    );
    return others;
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
}
