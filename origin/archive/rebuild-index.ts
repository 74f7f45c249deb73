import { describeError } from '../../shared/errors.ts';
import { getIfThere, type ObjectStore, PartialListError, StoreError } from '../../shared/object-store.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import { parseInit } from '../packager/cmaf/init-segment.ts';
import type { TrackInit } from '../packager/media.ts';
import { describeSegment, type StoredSegment } from '../packager/recording/stored-segment.ts';
import { dayOf, idOfKey, indexKey, indexPrefix, initKey, type SegmentKey } from './archive-keys.ts';
import { BlockRewriter } from './block-rewriter.ts';
import { BLOCK_MS, blockOf } from './index-block.ts';
import { listMediaDays } from './media-days.ts';

/** What a rebuild did. */
export type Rebuilt = {
  readonly segments: number;
  readonly blocks: number;
  /** Objects that could not be read as segments; each was reported. */
  readonly unreadable: number;
};

/** After so many failures in a row the store counts as down. */
const MAX_FAILURES = 32;
/** Segments that are read at once. */
const READS_AT_ONCE = 8;

type Block = { readonly channel: string; readonly blockMs: number; readonly segments: StoredSegment[] };

/**
 * Rebuilds the index from the segments alone: what the index says of a segment follows from its bytes, its init segment and
 * its key. Other lines of a block are retained when their objects exist, since a running origin lists what it closes meanwhile;
 * a block without any object is deleted. One day of one channel is in memory at a time.
 *
 * @param channel one channel only; all when it is left out
 * @param report called for each object that is no segment, and for each channel and day
 * What the store does not give, or take, is reported and left as it is, and holds up nothing else.
 *
 * @throws {StoreError} at the end, when something was left; at once, when the store gives nothing any more: earlier blocks are
 *   written, and later ones are unchanged
 */
export async function rebuildIndex(
  store: ObjectStore,
  channel: string | undefined,
  report: (line: string) => void,
): Promise<Rebuilt> {
  const before: string[] = [];
  const rebuild = new Rebuild(store, report);
  await rebuild.unlessPartial(async () => {
    for await (const { key } of store.list(indexPrefix(channel))) before.push(key);
  });
  const days = listMediaDays(store, channel, (key) => rebuild.skip(key, 'its key is not that of a segment'));
  await rebuild.unlessPartial(async () => {
    for await (const { channel: of, day, keys } of days) {
      await rebuild.beginDay(of, day);
      report(`${of} ${day}: ${keys.length} segments are read`);
      await forEachBounded(keys, READS_AT_ONCE, ([key, segment]) => rebuild.read(key, segment));
    }
  });
  return rebuild.finish(before);
}

class Rebuild {
  readonly #store: ObjectStore;
  readonly #report: (line: string) => void;
  readonly #rewriter: BlockRewriter;
  readonly #inits = new Map<string, TrackInit | null>();
  readonly #blocks = new Map<string, Block>();
  readonly #written = new Set<string>();
  readonly #failures: StoreError[] = [];
  #failuresInARow = 0;
  #channel = '';
  #segments = 0;
  #unreadable = 0;

  constructor(store: ObjectStore, report: (line: string) => void) {
    this.#store = store;
    this.#report = report;
    this.#rewriter = new BlockRewriter(store, report);
  }

  /** Goes through a listing. What it leaves out is reported: blocks of it are not touched, since their objects are looked for. */
  async unlessPartial(list: () => Promise<void>): Promise<void> {
    try {
      await list();
    } catch (error) {
      if (!(error instanceof PartialListError)) throw error;
      for (const prefix of error.prefixes) this.#left(prefix, error);
    }
  }

  /** Writes the blocks that no segment of this day or a later one belongs to. */
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
      if (init === null) throw new TypeError(`its init segment ${initHash} is missing`);
      const described = describeSegment(rendition, number, await this.#store.get(key), init);
      this.#failuresInARow = 0;
      const blockMs = blockOf(described);
      const block = this.#blocks.get(indexKey(channel, blockMs));
      if (block === undefined) {
        this.#blocks.set(indexKey(channel, blockMs), { channel, blockMs, segments: [described] });
      } else block.segments.push(described);
      this.#segments += 1;
    } catch (error) {
      // Retention may have erased it since it was listed.
      if (error instanceof StoreError && error.code === 'no-such-object') return;
      if (error instanceof StoreError) this.#left(key, error);
      else this.skip(key, describeError(error));
    }
  }

  skip(key: string, why: string): void {
    this.#unreadable += 1;
    this.#report(`${key}: skipped, ${why}`);
  }

  /** @param before keys of the blocks that there were when the rebuild began */
  async finish(before: readonly string[]): Promise<Rebuilt> {
    await this.#writeBefore(Number.POSITIVE_INFINITY);
    for (const key of before) {
      if (this.#written.has(key)) continue;
      const [, name = ''] = key.split('/');
      await this.#rewrite(key, idOfKey(name), []);
    }
    const [first] = this.#failures;
    if (first !== undefined) {
      const count = this.#failures.length;
      throw new StoreError(`the rebuild left out ${count} objects or folders: ${describeError(first)}`, {
        ...{ code: 'store-unavailable', status: 503 },
      });
    }
    return { segments: this.#segments, blocks: this.#written.size, unreadable: this.#unreadable };
  }

  async #writeBefore(timeMs: number): Promise<void> {
    let count = 0;
    for (const [key, block] of this.#blocks) {
      if (block.blockMs + BLOCK_MS > timeMs) continue;
      this.#blocks.delete(key);
      // A block that cannot be written is not looked at again at the end.
      this.#written.add(key);
      if (await this.#rewrite(key, block.channel, block.segments)) count += 1;
    }
    if (count > 0)
      this.#report(`${this.#channel}: ${count} blocks${timeMs < Infinity ? ` before ${dayOf(timeMs)}` : ''}`);
  }

  /** @returns false when the store did not take the block */
  async #rewrite(key: string, channel: string, segments: readonly StoredSegment[]): Promise<boolean> {
    try {
      await this.#rewriter.rewrite(key, channel, segments);
      this.#failuresInARow = 0;
      return true;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#left(key, error);
      return false;
    }
  }

  /** @throws {StoreError} when the store gives nothing any more */
  #left(key: string, error: StoreError): void {
    this.#failures.push(error);
    this.#failuresInARow += 1;
    this.#report(`${key}: left as it is, ${describeError(error)}`);
    if (this.#failuresInARow >= MAX_FAILURES) throw error;
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
