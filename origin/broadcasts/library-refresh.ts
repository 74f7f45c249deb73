import { describeError } from '../../shared/errors.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import { forEachYielding } from '../../shared/for-each-yielding.ts';
import { type Logger, sparing } from '../../shared/logger.ts';
import { PartialListError, StoreError } from '../../shared/object-store.ts';
import { BroadcastError } from './broadcast-record.ts';
import { broadcastKey, broadcastPrefix, type BroadcastStore } from './broadcast-store.ts';
import type { BroadcastWriter } from './broadcast-writer.ts';
import type { KnownBroadcasts } from './known-broadcasts.ts';
import type { LibrarySnapshot } from './library-snapshot.ts';

/** What a refresh works with. */
export type LibraryRefreshDeps = {
  readonly store: BroadcastStore;
  readonly snapshot: LibrarySnapshot;
  readonly known: KnownBroadcasts;
  readonly writer: BroadcastWriter;
  readonly logger: Logger;
};

const READS_AT_ONCE = 16;
/** After this many failed reads in a row the store counts as down; fewer mean that some objects cannot be read. */
const MAX_FAILED_READS = 16;
const LOG_EVERY_MS = 60_000;
/** After this many reads of single objects a new snapshot is written: it saves the next start about a second. */
const READS_PER_SNAPSHOT = 1000;

/** Reads new and changed records from the store, and forgets deleted ones. One refresh runs at a time. */
export class LibraryRefresh {
  readonly #deps: LibraryRefreshDeps;
  #running: Promise<void> = Promise.resolve();
  #isLoaded = false;
  #readsSinceSnapshot = 0;
  readonly #unreadLog: ReturnType<typeof sparing>;

  constructor(deps: LibraryRefreshDeps) {
    this.#deps = deps;
    this.#unreadLog = sparing(deps.logger, LOG_EVERY_MS, () => performance.now());
  }

  /** Whether all broadcasts have been read once. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /**
   * Refreshes, after the refresh in progress.
   *
   * @param channel one channel only; all when it is left out
   * @throws {StoreError} `store-unavailable` (503): nothing, or too little, could be read
   */
  async run(channel?: string): Promise<void> {
    const refreshed = this.#running.then(() => this.#refresh(channel));
    this.#running = refreshed.catch(() => {});
    return refreshed;
  }

  async #refresh(channel: string | undefined): Promise<void> {
    const { known, writer } = this.#deps;
    writer.beginListing();
    const isFirst = !this.#isLoaded && channel === undefined;
    const remembered = isFirst ? await this.#deps.snapshot.read(broadcastKey) : [];
    const prefix = broadcastPrefix(channel);
    const listed = await this.#list(channel, prefix);
    await forEachYielding(remembered, ([key, { version, broadcast }]) => {
      const isCurrent = listed.get(key) === version && !writer.isNewerThanListed(key);
      if (isCurrent && known.index.get(key) === undefined) known.set(broadcast, version);
    });
    await this.#readChanged(listed);
    await this.#forgetMissing(listed, prefix);
    if (channel !== undefined) return;
    this.#isLoaded = true;
    await this.#writeSnapshot();
  }

  /** A folder that cannot be read leaves its channel's broadcasts as they are known, and holds up no other channel. */
  async #list(channel: string | undefined, prefix: string): Promise<ReadonlyMap<string, string>> {
    const { store, known, logger } = this.#deps;
    const listed = new Map<string, string>();
    let unlisted: readonly string[] = [];
    try {
      for await (const { key, version } of store.list(channel)) listed.set(key, version);
    } catch (error) {
      if (!(error instanceof PartialListError)) throw error;
      unlisted = error.prefixes;
      if (unlisted.some((at) => !known.isUnlisted(at))) {
        logger.warn({ prefixes: unlisted }, `broadcasts cannot be listed: ${describeError(error)}`);
      }
    }
    known.setUnlisted(prefix, unlisted);
    return listed;
  }

  /** Forgets what is not listed any more. The list of some stores lags behind their objects, so each is looked for itself. */
  async #forgetMissing(listed: ReadonlyMap<string, string>, prefix: string): Promise<void> {
    const { store, known, writer } = this.#deps;
    const missing: string[] = [];
    await forEachYielding(known.keys(), (key) => {
      if (!key.startsWith(prefix) || listed.has(key)) return;
      if (!writer.isNewerThanListed(key) && !known.isUnlisted(key)) missing.push(key);
    });
    await forEachBounded(missing, READS_AT_ONCE, async (key) => {
      const stored = await store.read(key).catch((error: unknown) => {
        if (error instanceof StoreError || error instanceof BroadcastError) return undefined;
        throw error;
      });
      if (stored === null && !writer.isNewerThanListed(key)) known.delete(key);
    });
  }

  async #readChanged(listed: ReadonlyMap<string, string>): Promise<void> {
    const { known, writer } = this.#deps;
    const changed: (readonly [key: string, version: string])[] = [];
    await forEachYielding(listed, ([key, version]) => {
      const isCurrent = known.versionOf(key) === version && !known.isUnread(key);
      if (!isCurrent && !writer.isNewerThanListed(key)) changed.push([key, version]);
    });
    let [inARow, read] = [0, 0];
    const failures: StoreError[] = [];
    await forEachBounded(changed, READS_AT_ONCE, async ([key, version]) => {
      const failed = await this.#read(key, version);
      if (failed === null) {
        inARow = 0;
        read += 1;
        return;
      }
      failures.push(failed);
      inARow += 1;
      // The others are read, and this one with the next refresh.
      known.setUnread(key);
      this.#unreadLog.warn(
        { object: key },
        `a broadcast cannot be read now and is tried again: ${describeError(failed)}`,
      );
      if (inARow >= MAX_FAILED_READS) throw failed;
    });
    // A library that looks empty at the start would be taken for the whole one.
    const failure = failures.at(-1);
    if (failure !== undefined && read === 0 && !this.#isLoaded && changed.length > 1) throw failure;
  }

  /**
   * @param version as listed: when the object is newer by now, the next listing shows that, and it is read again
   * @returns why the store could not be read; null when it was read, even if the object is damaged
   */
  async #read(key: string, version: string): Promise<StoreError | null> {
    const { store, known, writer, logger } = this.#deps;
    try {
      const broadcast = await store.read(key);
      if (writer.isNewerThanListed(key)) return null;
      if (broadcast === null) {
        // It vanished after it was listed.
        known.delete(key);
        return null;
      }
      known.set(broadcast, version);
      this.#readsSinceSnapshot += 1;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'store-unavailable') return error;
      if (!known.isUnreadable(key)) {
        logger.warn({ object: key }, `a broadcast cannot be read and is skipped: ${describeError(error)}`);
      }
      // A store that fails now may work later.
      known.setUnreadable(key, error instanceof StoreError ? '' : version);
    }
    return null;
  }

  async #writeSnapshot(): Promise<void> {
    if (this.#readsSinceSnapshot < READS_PER_SNAPSHOT) return;
    try {
      await this.#deps.snapshot.write(this.#deps.known.index.entries);
      this.#readsSinceSnapshot = 0;
    } catch (error) {
      this.#deps.logger.warn({}, `the library's snapshot cannot be written: ${describeError(error)}`);
    }
  }
}
