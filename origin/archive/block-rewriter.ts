import { getIfThere, type ObjectStore } from '../../shared/object-store.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import { gridStartMsOf, type StoredSegment } from '../packager/recording/stored-segment.ts';
import { ArchiveError } from './archive-error.ts';
import { segmentKey } from './archive-keys.ts';
import { formatBlock, inOrder, mergeSegments, parseBlock, segmentId } from './index-block.ts';

/** Attempts to put a block that another process changes at the same time. */
const MAX_PUTS = 5;
/** Concurrent lookups of objects. */
const STATS_AT_ONCE = 8;

/** Writes blocks of the index while origins are running: lines that they add meanwhile are retained. */
export class BlockRewriter {
  readonly #store: ObjectStore;
  readonly #report: (line: string) => void;

  /** @param report called for each block that cannot be read and is replaced */
  constructor(store: ObjectStore, report: (line: string) => void) {
    this.#store = store;
    this.#report = report;
  }

  /**
   * Writes a block, and again until it has its segments and those that others list in it. An empty block is deleted.
   *
   * @param segments their objects must exist
   * @throws {ArchiveError} `bad-index` when another process changes the block again and again; {@link StoreError}
   */
  async rewrite(key: string, channel: string, segments: readonly StoredSegment[]): Promise<void> {
    for (let put = 0; put < MAX_PUTS; put += 1) {
      const others = await this.#othersIn(key, channel, segments);
      const lines = mergeSegments(segments, others).toSorted(inOrder);
      const stored = await getIfThere(this.#store, key);
      const text = lines.length === 0 ? null : formatBlock(lines);
      if (text === (stored?.toString('utf8') ?? null)) return;
      if (text === null) await this.#store.delete([key]);
      else await this.#store.put(key, Buffer.from(text, 'utf8'));
    }
    throw new ArchiveError(`${key}: another process changed it during each of ${MAX_PUTS} puts`, {
      code: 'bad-index',
    });
  }

  /** Other segments that a block lists and whose objects exist. A block that cannot be read has none. */
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
      this.#report(`${key}: replaced, since it cannot be read: ${error.message}`);
      return [];
    }
    const known = new Set(segments.map(segmentId));
    const others: StoredSegment[] = [];
    await forEachBounded(
      listed.filter((segment) => !known.has(segmentId(segment))),
      STATS_AT_ONCE,
      async (segment) => {
        const object = await this.#store.stat(segmentKey(channel, gridStartMsOf(segment), segment));
        if (object !== null) others.push(segment);
      },
    );
    return others;
  }
}
