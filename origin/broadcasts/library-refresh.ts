import { describeError } from '../../shared/errors.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import { forEachYielding } from '../../shared/for-each-yielding.ts';
import type { Logger } from '../../shared/logger.ts';
import { StoreError } from '../../shared/object-store.ts';
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
/** After this many failed reads the store counts as down; fewer mean that some objects are damaged. */
const MAX_FAILED_READS = 16;
/** After this many reads of single objects a new snapshot is written: it saves the next start about a second. */
const READS_PER_SNAPSHOT = 1000;

/** Reads new and changed records from the store, and forgets deleted ones. One refresh runs at a time. */
export class LibraryRefresh {
  readonly #deps: LibraryRefreshDeps;
  #running: Promise<void> = Promise.resolve();
  #isLoaded = false;
  #readsSinceSnapshot = 0;

  constructor(deps: LibraryRefreshDeps) {
    this.#deps = deps;
  }

  /** Whether all broadcasts have been read once. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /**
   * Refreshes, after the refresh in progress.
   *
   * @param channel one channel only; all when it is left out
   * @throws {StoreError} `store-unavailable` (503) also when only one object could not be read: the others are up to date
   */
  async run(channel?: string): Promise<void> {
    const refreshed = this.#running.then(() => this.#refresh(channel));
    this.#running = refreshed.catch(() => {});
    return refreshed;
  }

  async #refresh(channel: string | undefined): Promise<void> {
    const { store, known, writer } = this.#deps;
    writer.beginListing();
    const isFirst = !this.#isLoaded && channel === undefined;
    const remembered = isFirst ? await this.#deps.snapshot.read(broadcastKey) : [];
    const listed = new Map<string, string>();
    for await (const { key, version } of store.list(channel)) listed.set(key, version);
    await forEachYielding(remembered, ([key, { version, broadcast }]) => {
      const isCurrent = listed.get(key) === version && !writer.isNewerThanListed(key);
      if (isCurrent && known.index.get(key) === undefined) known.set(broadcast, version);
    });
    await this.#readChanged(listed);
    const prefix = broadcastPrefix(channel);
    await forEachYielding(known.keys(), (key) => {
      if (key.startsWith(prefix) && !listed.has(key) && !writer.isNewerThanListed(key)) known.delete(key);
    });
    if (channel !== undefined) return;
    this.#isLoaded = true;
    await this.#writeSnapshot();
  }

  async #readChanged(listed: ReadonlyMap<string, string>): Promise<void> {
    const { known, writer } = this.#deps;
    const changed: (readonly [key: string, version: string])[] = [];
    await forEachYielding(listed, ([key, version]) => {
      if (known.versionOf(key) !== version && !writer.isNewerThanListed(key)) changed.push([key, version]);
    });
    const failures: StoreError[] = [];
    await forEachBounded(changed, READS_AT_ONCE, async ([key, version]) => {
      const failure = await this.#read(key, version);
      if (failure !== null) failures.push(failure);
      if (failure !== null && failures.length >= MAX_FAILED_READS) throw failure;
    });
    const [failure] = failures;
    if (failure !== undefined) throw failure;
  }

  /**
   * @param version as listed: when the object is newer by now, the next listing shows that, and it is read again
   * @returns why the store could not be read; null when it was read, even if the object is damaged
   */
  async #read(key: string, version: string): Promise<StoreError | null> {
    const { store, known, writer, logger } = this.#deps;
    try {
      const broadcast = await store.read(key);
      if (broadcast === null || writer.isNewerThanListed(key)) return null;
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
