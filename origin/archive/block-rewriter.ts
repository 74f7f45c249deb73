import { getIfThere, type ObjectStore } from '../../shared/object-store.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import { gridStartMsOf, type StoredSegment } from '../packager/recording/stored-segment.ts';
import { ArchiveError } from './archive-error.ts';
import { segmentKey } from './archive-keys.ts';
import { formatBlock, inOrder, mergeSegments, parseBlock, segmentId } from './index-block.ts';

/** How often a block is put again when another process puts it at the same time. */
const MAX_PUTS = 5;
/** Objects that are looked up at once. */
const STATS_AT_ONCE = 8;

/** Writes blocks of the index beside running origins: what they have listed meanwhile stays. */
export class BlockRewriter {
  readonly #store: ObjectStore;
  readonly #report: (line: string) => void;

  /** @param report told of each block that cannot be read and is written anew */
  constructor(store: ObjectStore, report: (line: string) => void) {
    this.#store = store;
    this.#report = report;
  }

  /**
   * Writes a block until it holds its segments and what others list in it. A block that would be empty is deleted.
   *
   * @param segments whose objects exist
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
    throw new ArchiveError(`${key}: another process changed it ${MAX_PUTS} times meanwhile`, {
      code: 'bad-index',
    });
  }

  /** Other segments that a block lists and whose objects exist. A block that cannot be read lists none. */
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
      this.#report(`${key}: written anew, ${error.message}`);
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
