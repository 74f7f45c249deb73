import { backgroundTurns } from '../../shared/background-turns.ts';
import type { Logger } from '../../shared/logger.ts';
import type { ObjectStore } from '../../shared/object-store.ts';
import type { BroadcastPage, BroadcastQuery, readCursor } from './broadcast-query.ts';
import { BroadcastError, type BroadcastRecord, libraryLoading, mergeAired } from './broadcast-record.ts';
import { broadcastKey, BroadcastStore } from './broadcast-store.ts';
import { BroadcastWriter } from './broadcast-writer.ts';
import { KnownBroadcasts } from './known-broadcasts.ts';
import { type Facets, facetsOf } from './library-index.ts';
import { LibraryRefresh } from './library-refresh.ts';
import { LibrarySnapshot } from './library-snapshot.ts';

/** Searches at once. One of 100,000 broadcasts takes some 15 ms of the processor. */
const MAX_SEARCHES = 64;

/**
 * All broadcasts: in memory for searches, and one small object each in the store.
 *
 * {@link put} writes to the store in the background. {@link change} resolves when the change is stored.
 */
export class BroadcastLibrary {
  readonly #known = new KnownBroadcasts();
  readonly #writer: BroadcastWriter;
  readonly #refresh: LibraryRefresh;

  constructor(store: ObjectStore, logger: Logger) {
    const broadcasts = new BroadcastStore(store);
    this.#writer = new BroadcastWriter(broadcasts, this.#known, logger);
    this.#refresh = new LibraryRefresh({
      ...{ store: broadcasts, snapshot: new LibrarySnapshot(store, logger) },
      ...{ known: this.#known, writer: this.#writer, logger },
    });
  }

  /** Whether the store has been read once. */
  get isLoaded(): boolean {
    return this.#refresh.isLoaded;
  }

  /** How many there are. */
  get size(): number {
    return this.#known.index.size;
  }

  /**
   * Reads new and changed records from the store, and forgets deleted ones.
   *
   * @param channel one channel only; all when it is left out
   * One that the store does not give stays as it is known, see {@link isWhole}.
   *
   * @throws {StoreError} `store-unavailable` (503): nothing, or too little, could be read
   */
  refresh(channel?: string): Promise<void> {
    return this.#refresh.run(channel);
  }

  /** One broadcast; undefined when there is none. */
  get(channel: string, id: string): BroadcastRecord | undefined {
    return this.#known.index.get(broadcastKey({ channel, id }))?.broadcast;
  }

  /**
   * One broadcast.
   *
   * @throws {BroadcastError} `unknown-broadcast` (404); `library-loading` (503) while the library is not loaded
   */
  getOrThrow(channel: string, id: string): BroadcastRecord {
    const broadcast = this.get(channel, id);
    if (broadcast !== undefined) return broadcast;
    this.#assertLoaded();
    throw unknown(channel, id);
  }

  /** Those of a channel, newest first. */
  of(channel: string): BroadcastRecord[] {
    return this.#known.index.of(channel);
  }

  /** Those that have not ended, newest first. */
  get open(): BroadcastRecord[] {
    return this.#known.index.entries.flatMap(({ broadcast }) =>
      broadcast.endMs === null ? [broadcast] : [],
    );
  }

  /** Records of deleted broadcasts, in any order. */
  get deleted(): BroadcastRecord[] {
    return this.#known.deleted;
  }

  /** Records of a channel's deleted broadcasts whose media is not erased yet, in any order. */
  deletedOf(channel: string): BroadcastRecord[] {
    return this.#known.deletedOf(channel);
  }

  /** Whether a broadcast was deleted, and its record is still there. */
  isDeleted(channel: string, id: string): boolean {
    return this.#known.isDeleted(broadcastKey({ channel, id }));
  }

  /** The broadcast of a channel that had begun before a time and had not ended by then, deleted or not. */
  at(channel: string, timeMs: number): BroadcastRecord | undefined {
    return this.#known.at(channel, timeMs);
  }

  /** Whether all broadcasts of a channel could be read: only then is it known which media is protected. */
  isWhole(channel: string): boolean {
    return this.isLoaded && !this.#known.hasUnreadable(channel);
  }

  /**
   * A page of those that match, newest first.
   *
   * @throws {BroadcastError} `library-loading` (503): a result must not miss broadcasts that are not loaded yet; `library-busy`
   *   (503)
   */
  async find(
    query: BroadcastQuery,
    after: ReturnType<typeof readCursor>,
    limit: number,
  ): Promise<BroadcastPage> {
    this.#assertLoaded();
    if (backgroundTurns.count('library') >= MAX_SEARCHES) {
      throw new BroadcastError(`${MAX_SEARCHES} searches are under way already; try again in a moment`, {
        ...{ code: 'library-busy', status: 503 },
        retryAfterS: 2,
      });
    }
    return this.#known.index.find(query, after, limit);
  }

  /**
   * The grades, subjects and teachers that there are, sorted.
   *
   * @param channel of one channel alone; of all when left out
   */
  facets(channel?: string): Facets {
    return channel === undefined ? this.#known.index.facets() : facetsOf(this.of(channel));
  }

  /**
   * Adds a broadcast, or updates its end, gaps and storyboard; its other fields stay as they are in the store.
   * It is written in the background, and retried until the store accepts it.
   */
  put(broadcast: BroadcastRecord): void {
    const key = broadcastKey(broadcast);
    if (this.#known.isUnreadable(key) || this.#known.isDeleted(key)) return;
    const merged = mergeAired(this.#known.index.get(key)?.broadcast, broadcast);
    this.#known.set(merged, null);
    this.#writer.put(merged);
  }

  /**
   * Changes a broadcast, based on its record in the store. Resolves when the change is stored.
   *
   * @param change when it throws, the error is thrown and nothing is changed
   * @throws {StoreError} `store-unavailable` (503); {@link BroadcastError} `unknown-broadcast` (404), `bad-broadcast`. Nothing
   *   is changed.
   */
  async change(
    channel: string,
    id: string,
    change: (broadcast: BroadcastRecord) => BroadcastRecord,
  ): Promise<BroadcastRecord> {
    this.getOrThrow(channel, id);
    const changed = await this.#writer.rewrite(broadcastKey({ channel, id }), (current) => {
      if (current === undefined || current.deletedMs !== undefined) throw unknown(channel, id);
      return change(current);
    });
    return changed ?? this.getOrThrow(channel, id);
  }

  /**
   * Records that the media of a deleted broadcast is erased.
   *
   * @throws {StoreError} `store-unavailable` (503)
   */
  async markErased(channel: string, id: string): Promise<void> {
    await this.#writer.rewrite(broadcastKey({ channel, id }), (current) =>
      current?.deletedMs === undefined ? undefined : { ...current, isErased: true },
    );
  }

  /**
   * Removes the record of a broadcast.
   *
   * @throws {StoreError} `store-unavailable` (503): it is still there
   */
  remove(channel: string, id: string): Promise<void> {
    return this.#writer.remove(broadcastKey({ channel, id }));
  }

  /** Resolves when pending records have been tried once more, or after a short wait. */
  stop(): Promise<void> {
    return this.#writer.stop();
  }

  /** Resolves when each pending record is stored, or has been tried once. */
  settled(): Promise<void> {
    return this.#writer.settled();
  }

  #assertLoaded(): void {
    if (!this.isLoaded) throw libraryLoading();
  }
}

function unknown(channel: string, id: string): BroadcastError {
  return new BroadcastError(`channel ${channel}: no broadcast ${JSON.stringify(id.slice(0, 64))}`, {
    code: 'unknown-broadcast',
    status: 404,
  });
}
