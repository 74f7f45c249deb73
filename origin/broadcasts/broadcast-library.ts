import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { type ObjectStore, StoreError } from '../../shared/object-store.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import { forEachYielding } from '../../shared/for-each-yielding.ts';
import { waitAtMost } from '../../shared/wait-at-most.ts';
import { type BroadcastRecord, BroadcastError, mergeAired } from './broadcast-record.ts';
import { type BroadcastPage, type BroadcastQuery, newestFirst, type readCursor } from './broadcast-query.ts';
import { broadcastKey, broadcastPrefix, BroadcastStore } from './broadcast-store.ts';
import { LibraryIndex, type Facets } from './library-index.ts';
import { LibrarySnapshot } from './library-snapshot.ts';

const READS_AT_ONCE = 16;
const WRITES_AT_ONCE = 8;
const RETRY_MS = 3000;
/** So many reads of single objects are worth a new snapshot: about a second of the next start. */
const READS_PER_SNAPSHOT = 1000;
/** So many reads that fail are a store that is away, and not objects with a fault. */
const MAX_FAILED_READS = 16;
/** How long what is not written may take when the process ends, milliseconds; the log of runs has it for the next start. */
const FAREWELL_MS = 3000;

/**
 * Every broadcast there is: in memory for those who search, one small object each in the store.
 *
 * What was on air is put, and gets to the store in the background. What people change is changed there first.
 */
export class BroadcastLibrary {
  readonly #records: BroadcastStore;
  readonly #logger: Logger;
  readonly #shelf = new LibraryIndex();
  readonly #snapshot: LibrarySnapshot;
  /** What is left of those that were deleted, and the version of its object; null while that is not known. */
  readonly #deleted = new Map<
    string,
    { readonly broadcast: BroadcastRecord; readonly version: string | null }
  >();
  /** Versions of objects that are there and cannot be read; those that hold no broadcast are read again when they are others. */
  readonly #unreadable = new Map<string, string>();
  /** As they were put here. */
  readonly #unwritten = new Map<string, BroadcastRecord>();
  /** Put, written or removed since the last listing began, which may show them as they were. */
  readonly #touched = new Set<string>();
  #readsSinceSnapshot = 0;
  #refreshing: Promise<void> = Promise.resolve();
  #writing: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  #isStopped = false;
  #isLoaded = false;

  constructor(store: ObjectStore, logger: Logger) {
    this.#records = new BroadcastStore(store);
    this.#logger = logger;
    this.#snapshot = new LibrarySnapshot(store, logger);
  }

  /** Whether the store has been read once. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** How many there are. */
  get size(): number {
    return this.#shelf.size;
  }

  /**
   * Reads from the store what is new or changed there, and lets go of what is gone.
   *
   * @param channel one channel only; all when it is left out
   * @throws {StoreError} `store-unavailable` (503) also when only one of them could not be had: the others are known then
   */
  async refresh(channel?: string): Promise<void> {
    const refreshed = this.#refreshing.then(() => this.#refresh(channel));
    this.#refreshing = refreshed.catch(() => {});
    return refreshed;
  }

  async #refresh(channel: string | undefined): Promise<void> {
    this.#touched.clear();
    const isFirst = !this.#isLoaded && channel === undefined;
    const remembered = isFirst ? await this.#snapshot.read(broadcastKey) : [];
    const listed = new Map<string, string>();
    for await (const { key, version } of this.#records.list(channel)) listed.set(key, version);
    await forEachYielding(remembered, ([key, { version, broadcast }]) => {
      const isAsItWas = listed.get(key) === version && !this.#isOurs(key);
      if (isAsItWas && this.#shelf.get(key) === undefined) this.#know(key, broadcast, version);
    });
    const changed: string[] = [];
    await forEachYielding(listed, ([key, version]) => {
      if (this.#versionOf(key) !== version && !this.#isOurs(key)) changed.push(key);
    });
    const failures: StoreError[] = [];
    await forEachBounded(changed, READS_AT_ONCE, async (key) => {
      const failure = await this.#read(key, listed.get(key) ?? '');
      if (failure !== null) failures.push(failure);
      if (failure !== null && failures.length >= MAX_FAILED_READS) throw failure;
    });
    const [failure] = failures;
    if (failure !== undefined) throw failure;
    const prefix = broadcastPrefix(channel);
    const isGone = (key: string): boolean => key.startsWith(prefix) && !listed.has(key) && !this.#isOurs(key);
    await forEachYielding([...this.#shelf.keys(), ...this.#deleted.keys()], (key) => {
      if (isGone(key)) this.#forget(key);
    });
    for (const key of this.#unreadable.keys()) if (isGone(key)) this.#unreadable.delete(key);
    if (channel !== undefined) return;
    this.#isLoaded = true;
    await this.#remember();
  }

  /** One broadcast; undefined where there is none. */
  get(channel: string, id: string): BroadcastRecord | undefined {
    return this.#shelf.get(broadcastKey({ channel, id }))?.broadcast;
  }

  /**
   * One broadcast.
   *
   * @throws {BroadcastError} `unknown-broadcast` (404); `library-loading` (503) while it may yet be found
   */
  getOrThrow(channel: string, id: string): BroadcastRecord {
    const broadcast = this.get(channel, id);
    if (broadcast !== undefined) return broadcast;
    this.#assertLoaded();
    throw unknown(channel, id);
  }

  /** Those of a channel, newest first. */
  of(channel: string): BroadcastRecord[] {
    return this.#shelf.of(channel);
  }

  /** Those that have no end yet, newest first. */
  get open(): BroadcastRecord[] {
    return this.#shelf.entries.flatMap(({ broadcast }) => (broadcast.endMs === null ? [broadcast] : []));
  }

  /** What is left of those that were deleted, in any order. */
  get deleted(): BroadcastRecord[] {
    return [...this.#deleted.values()].map(({ broadcast }) => broadcast);
  }

  /** Whether a broadcast was deleted, and it is still known that it was. */
  isDeleted(channel: string, id: string): boolean {
    return this.#deleted.has(broadcastKey({ channel, id }));
  }

  /** The broadcast of a channel that had begun before a time and had not ended by then, deleted or not. */
  at(channel: string, timeMs: number): BroadcastRecord | undefined {
    return [...this.of(channel), ...this.deleted.filter((broadcast) => broadcast.channel === channel)]
      .filter(({ startMs, endMs }) => startMs < timeMs && (endMs === null || endMs > timeMs))
      .toSorted(newestFirst)[0];
  }

  /** Whether all that the store has of a channel's broadcasts could be read: only then is it known what is to be kept. */
  isWhole(channel: string): boolean {
    const prefix = broadcastPrefix(channel);
    return this.#isLoaded && ![...this.#unreadable.keys()].some((key) => key.startsWith(prefix));
  }

  /**
   * A page of those that fit, newest first.
   *
   * @throws {BroadcastError} `library-loading` (503): a part of the library must not pass for all of it
   */
  async find(
    query: BroadcastQuery,
    after: ReturnType<typeof readCursor>,
    limit: number,
  ): Promise<BroadcastPage> {
    this.#assertLoaded();
    return this.#shelf.find(query, after, limit);
  }

  /** What there is to choose from, in order. */
  facets(): Facets {
    return this.#shelf.facets();
  }

  /**
   * Keeps what was on air: a broadcast that is new, or when it was and what was made of it. All else is left as it is in the
   * store. It is written in the background, again and again until the store takes it.
   */
  put(broadcast: BroadcastRecord): void {
    const key = broadcastKey(broadcast);
    if (this.#unreadable.has(key) || this.#deleted.has(key)) return;
    const merged = mergeAired(this.#shelf.get(key)?.broadcast, broadcast);
    this.#know(key, merged, null);
    this.#touched.add(key);
    this.#unwritten.set(key, merged);
    this.#write();
  }

  /**
   * Changes a broadcast as the store has it by now. Resolves when the change is there.
   *
   * @param change what it throws is thrown, and nothing is changed
   * @throws {StoreError} `store-unavailable` (503); {@link BroadcastError} `unknown-broadcast` (404), `bad-broadcast`. Nothing
   *   is changed then.
   */
  async change(
    channel: string,
    id: string,
    change: (broadcast: BroadcastRecord) => BroadcastRecord,
  ): Promise<BroadcastRecord> {
    const key = broadcastKey({ channel, id });
    this.getOrThrow(channel, id);
    const changed = await this.#rewrite(key, (current) => {
      if (current === undefined || current.deletedMs !== undefined) throw unknown(channel, id);
      return change(current);
    });
    return changed ?? this.getOrThrow(channel, id);
  }

  /**
   * Notes that a deleted broadcast's media is gone.
   *
   * @throws {StoreError} `store-unavailable` (503)
   */
  async markErased(channel: string, id: string): Promise<void> {
    await this.#rewrite(broadcastKey({ channel, id }), (current) =>
      current?.deletedMs === undefined ? undefined : { ...current, isErased: true },
    );
  }

  /**
   * Takes away all that is left of a broadcast.
   *
   * @throws {StoreError} `store-unavailable` (503): it is still there then
   */
  async remove(channel: string, id: string): Promise<void> {
    const key = broadcastKey({ channel, id });
    this.#unwritten.delete(key);
    await this.#records.remove(key);
    this.#touched.add(key);
    this.#forget(key);
  }

  /** Resolves when all that was put has been tried once more, or after a moment. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    const written = this.settled().then(() => this.#writeAll());
    await waitAtMost(FAREWELL_MS, written);
  }

  /** Resolves when all that was put is in the store. */
  async settled(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  #assertLoaded(): void {
    if (this.#isLoaded) return;
    throw new BroadcastError('the library is being read from the store; try again in a moment', {
      code: 'library-loading',
      status: 503,
    });
  }

  /** Whether what we have of it is newer than what was listed. */
  #isOurs(key: string): boolean {
    return this.#unwritten.has(key) || this.#touched.has(key);
  }

  #versionOf(key: string): string | null | undefined {
    return (this.#shelf.get(key) ?? this.#deleted.get(key))?.version ?? this.#unreadable.get(key);
  }

  #know(key: string, broadcast: BroadcastRecord, version: string | null): void {
    this.#unreadable.delete(key);
    if (broadcast.deletedMs === undefined) {
      this.#deleted.delete(key);
      this.#shelf.set(key, broadcast, version);
    } else {
      this.#shelf.delete(key);
      this.#deleted.set(key, { broadcast, version });
    }
  }

  #forget(key: string): void {
    this.#shelf.delete(key);
    this.#deleted.delete(key);
  }

  #write(): void {
    if (this.#writing !== null || this.#retry !== null || this.#isStopped) return;
    this.#writing = this.#writeAll().finally(() => {
      this.#writing = null;
      if (this.#unwritten.size === 0 || this.#isStopped) return;
      this.#retry = setTimeout(() => {
        this.#retry = null;
        this.#write();
      }, RETRY_MS);
      this.#retry.unref();
    });
  }

  /** Tries all once, and what is put meanwhile too. One that fails keeps no other from being written. */
  async #writeAll(): Promise<void> {
    const tried = new Map<string, BroadcastRecord>();
    for (;;) {
      const keys = [...this.#unwritten].filter(([key, put]) => tried.get(key) !== put);
      if (keys.length === 0) return;
      for (const [key, put] of keys) tried.set(key, put);
      await forEachBounded(keys, WRITES_AT_ONCE, ([key]) => this.#writeOne(key));
    }
  }

  async #writeOne(key: string): Promise<void> {
    try {
      await this.#rewrite(key, (current) => current);
    } catch (error) {
      this.#logger.warn({ object: key }, `a broadcast is not in the store yet: ${describeError(error)}`);
      if (!(error instanceof BroadcastError) || error.code !== 'bad-broadcast') return;
      // Whatever it is that is there, it is not put over.
      this.#unwritten.delete(key);
      this.#forget(key);
      this.#unreadable.set(key, '');
    }
  }

  /** @param change given what is stored, with what was put here and is not stored yet */
  async #rewrite(
    key: string,
    change: (current: BroadcastRecord | undefined) => BroadcastRecord | undefined,
  ): Promise<BroadcastRecord | undefined> {
    let aired: BroadcastRecord | undefined;
    const broadcast = await this.#records.change(key, (stored) => {
      aired = this.#unwritten.get(key);
      return change(aired === undefined ? stored : mergeAired(stored, aired));
    });
    if (broadcast === null) return undefined;
    this.#touched.add(key);
    // More may have been put meanwhile: then it is written once more.
    const newer = this.#unwritten.get(key);
    if (newer === aired) this.#unwritten.delete(key);
    const known = newer === undefined || newer === aired ? broadcast : mergeAired(broadcast, newer);
    this.#know(key, known, null);
    return broadcast;
  }

  /**
   * @param version as it was listed: if the object is newer by now, the next listing tells, and it is read once more
   * @returns why the store could not give it; null where it did, or what it gave is no broadcast
   */
  async #read(key: string, version: string): Promise<StoreError | null> {
    try {
      const broadcast = await this.#records.read(key);
      if (broadcast === null || this.#isOurs(key)) return null;
      this.#know(key, broadcast, version);
      this.#readsSinceSnapshot += 1;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'store-unavailable') return error;
      if (!this.#unreadable.has(key)) {
        const why = describeError(error);
        this.#logger.warn({ object: key }, `a broadcast cannot be read and is passed over: ${why}`);
      }
      this.#forget(key);
      // What the store does not give today it may give tomorrow.
      this.#unreadable.set(key, error instanceof StoreError ? '' : version);
    }
    return null;
  }

  async #remember(): Promise<void> {
    if (this.#readsSinceSnapshot < READS_PER_SNAPSHOT) return;
    try {
      await this.#snapshot.write(this.#shelf.entries);
      this.#readsSinceSnapshot = 0;
    } catch (error) {
      this.#logger.warn({}, `the library's snapshot is not written: ${describeError(error)}`);
    }
  }
}

function unknown(channel: string, id: string): BroadcastError {
  return new BroadcastError(`channel ${channel}: no broadcast ${JSON.stringify(id.slice(0, 64))}`, {
    code: 'unknown-broadcast',
    status: 404,
  });
}
