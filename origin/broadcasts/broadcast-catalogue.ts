import { setImmediate } from 'node:timers/promises';
import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { type ObjectStore, StoreError } from '../../shared/object-store.ts';
import { idInKey } from '../archive/archive-keys.ts';
import { type Broadcast, BroadcastError, broadcastSchema } from './broadcast.ts';
import type { BroadcastPage, BroadcastQuery, readCursor } from './broadcast-query.ts';
import { BroadcastShelf, type Facets } from './broadcast-shelf.ts';
import { CatalogueSnapshot } from './catalogue-snapshot.ts';

const PREFIX = 'broadcasts/';
const READS_AT_ONCE = 16;
const RETRY_MS = 3000;
/** So many are compared before live playlists have their turn again. */
const COMPARE_AT_ONCE = 500;
/** So many reads of single objects are worth a new snapshot: about a second of the next start. */
const READS_PER_SNAPSHOT = 1000;

/** Every broadcast there is: in memory for those who search, one small object each in the store. */
export class BroadcastCatalogue {
  readonly #store: ObjectStore;
  readonly #logger: Logger;
  readonly #shelf = new BroadcastShelf();
  readonly #snapshot: CatalogueSnapshot;
  /** Versions of objects that cannot be read as a broadcast: they are not read again until they are others. */
  readonly #unreadable = new Map<string, string>();
  readonly #unwritten = new Set<string>();
  /** Put, written or removed since the last listing began, which may show them as they were. */
  readonly #touched = new Set<string>();
  #readsSinceSnapshot = 0;
  #writing: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  #isStopped = false;
  #isLoaded = false;
  #markLoaded: () => void = () => {};
  readonly #loaded = new Promise<void>((resolve) => {
    this.#markLoaded = resolve;
  });

  constructor(store: ObjectStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
    this.#snapshot = new CatalogueSnapshot(store, logger);
  }

  /** Resolves when the store has been read once: what is put before that could take the place of what is known there. */
  get loaded(): Promise<void> {
    return this.#loaded;
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
   * @throws {StoreError} `store-unavailable` (503)
   */
  async refresh(): Promise<void> {
    this.#touched.clear();
    const remembered = this.#isLoaded ? null : await this.#snapshot.read(keyOf);
    const listed = new Map<string, string>();
    for await (const { key, version } of this.#store.list(PREFIX)) listed.set(key, version);
    await inTurns(remembered ?? [], ([key, { version, broadcast }]) => {
      const isAsItWas = listed.get(key) === version && !this.#isOurs(key);
      if (isAsItWas && this.#shelf.get(key) === undefined) this.#shelf.set(key, broadcast, version);
    });
    const changed: string[] = [];
    await inTurns(listed, ([key, version]) => {
      const isKnown = this.#shelf.get(key)?.version === version || this.#unreadable.get(key) === version;
      if (!isKnown && !this.#isOurs(key)) changed.push(key);
    });
    await this.#readAll(changed, listed);
    await inTurns([...this.#shelf.keys()], (key) => {
      if (!listed.has(key) && !this.#isOurs(key)) this.#shelf.delete(key);
    });
    for (const key of this.#unreadable.keys()) if (!listed.has(key)) this.#unreadable.delete(key);
    this.#isLoaded = true;
    this.#markLoaded();
    await this.#remember();
  }

  /** One broadcast; undefined where there is none. */
  get(channel: string, id: string): Broadcast | undefined {
    return this.#shelf.get(keyOf({ channel, id }))?.broadcast;
  }

  /**
   * One broadcast.
   *
   * @throws {BroadcastError} `unknown-broadcast` (404); `library-loading` (503) while it may yet be found
   */
  want(channel: string, id: string): Broadcast {
    const broadcast = this.get(channel, id);
    if (broadcast !== undefined) return broadcast;
    this.#wantLoaded();
    throw new BroadcastError(`channel ${channel}: no broadcast ${JSON.stringify(id.slice(0, 64))}`, {
      code: 'unknown-broadcast',
      status: 404,
    });
  }

  /** Those of a channel, newest first. */
  of(channel: string): Broadcast[] {
    return this.#shelf.of(channel);
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
    this.#wantLoaded();
    return this.#shelf.find(query, after, limit);
  }

  /** What there is to choose from, in order. */
  facets(): Facets {
    return this.#shelf.facets();
  }

  /** Keeps a broadcast, new or changed. It is written in the background, again and again until the store takes it. */
  put(broadcast: Broadcast): void {
    const key = keyOf(broadcast);
    this.#shelf.set(key, broadcast, null);
    this.#touched.add(key);
    this.#unwritten.add(key);
    this.#write();
  }

  /**
   * Takes a broadcast out.
   *
   * @throws {StoreError} `store-unavailable` (503): it is still there then
   */
  async remove(channel: string, id: string): Promise<void> {
    const key = keyOf({ channel, id });
    // What is being written now would be there again after the deletion.
    await this.settled();
    this.#unwritten.delete(key);
    this.#touched.add(key);
    await this.#store.delete([key]);
    this.#touched.add(key);
    this.#shelf.delete(key);
  }

  /** Resolves when all that was put has been tried once more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    await this.#writing;
    if (this.#unwritten.size > 0) await this.#writeAll();
  }

  /** Resolves when all that was put is in the store. */
  async settled(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  #wantLoaded(): void {
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

  async #writeAll(): Promise<void> {
    for (const key of this.#unwritten) {
      const broadcast = this.#shelf.get(key)?.broadcast;
      if (broadcast === undefined) {
        this.#unwritten.delete(key);
        continue;
      }
      const body = Buffer.from(`${JSON.stringify(broadcast)}\n`, 'utf8');
      try {
        await this.#store.put(key, body);
        this.#touched.add(key);
        // It may have changed meanwhile: then it is written once more.
        if (this.#shelf.get(key)?.broadcast === broadcast) this.#unwritten.delete(key);
      } catch (error) {
        this.#logger.warn({ object: key }, `a broadcast is not in the store yet: ${describeError(error)}`);
        return;
      }
    }
  }

  /** Reads some at once. Where the store gives up none is left behind, so that no late answer comes into the next turn. */
  async #readAll(keys: readonly string[], listed: ReadonlyMap<string, string>): Promise<void> {
    let next = 0;
    const reader = async (): Promise<void> => {
      for (let at = next++; at < keys.length; at = next++) {
        const key = keys[at] ?? '';
        try {
          await this.#read(key, listed.get(key) ?? '');
        } catch (error) {
          next = keys.length;
          throw error;
        }
      }
    };
    const readers = Array.from({ length: READS_AT_ONCE }, reader);
    await Promise.allSettled(readers);
    await Promise.all(readers);
  }

  /** @param version as it was listed: if the object is newer by now, the next listing tells, and it is read once more */
  async #read(key: string, version: string): Promise<void> {
    try {
      const bytes = await this.#store.get(key);
      const broadcast = readBroadcast(key, bytes);
      if (this.#isOurs(key)) return;
      this.#unreadable.delete(key);
      this.#shelf.set(key, broadcast, version);
      this.#readsSinceSnapshot += 1;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'store-unavailable') throw error;
      if (!(error instanceof StoreError)) this.#unreadable.set(key, version);
      this.#logger.warn(
        { object: key },
        `a broadcast cannot be read and is passed over: ${describeError(error)}`,
      );
    }
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

/** Does something with each, and lets go of the process now and then. */
async function inTurns<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
  let count = 0;
  for (const item of items) {
    work(item);
    count += 1;
    if (count % COMPARE_AT_ONCE === 0) await setImmediate();
  }
}

function readBroadcast(key: string, bytes: Buffer): Broadcast {
  const broadcast = broadcastSchema.parse(JSON.parse(bytes.toString('utf8')));
  if (keyOf(broadcast) !== key) throw new TypeError(`it says that it is ${keyOf(broadcast)}`);
  return broadcast;
}

function keyOf({ channel, id }: { readonly channel: string; readonly id: string }): string {
  return `${PREFIX}${idInKey(channel)}/${idInKey(id)}.json`;
}
