import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { type ObjectStore, StoreError } from '../../shared/object-store.ts';
import { idInKey } from '../archive/archive-keys.ts';
import { type Broadcast, BroadcastError, broadcastSchema } from './broadcast.ts';
import { type BroadcastQuery, findBroadcasts, newestFirst, type readCursor } from './broadcast-query.ts';

const PREFIX = 'broadcasts/';
const READS_AT_ONCE = 16;
const RETRY_MS = 3000;

/** What there is to choose from. */
export type Facets = {
  readonly grades: readonly number[];
  readonly subjects: readonly string[];
  readonly teachers: readonly string[];
};

/** Every broadcast there is: in memory for those who search, one small object each in the store. */
export class BroadcastCatalogue {
  readonly #store: ObjectStore;
  readonly #logger: Logger;
  readonly #known = new Map<string, Broadcast>();
  /** Sizes of their objects as they were read: what tells that another origin wrote one. */
  readonly #sizes = new Map<string, number>();
  readonly #unwritten = new Set<string>();
  /** Written since the last listing began, which may not show them. */
  readonly #written = new Set<string>();
  #sorted: Broadcast[] | null = null;
  #facets: Facets | null = null;
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
    return this.#known.size;
  }

  /**
   * Reads from the store what is new or changed there, and lets go of what is gone.
   *
   * @throws {StoreError} `store-unavailable` (503)
   */
  async refresh(): Promise<void> {
    this.#written.clear();
    const listed = new Set<string>();
    const reading = new Set<Promise<void>>();
    for await (const { key, sizeBytes } of this.#store.list(PREFIX)) {
      listed.add(key);
      if (this.#unwritten.has(key) || this.#sizes.get(key) === sizeBytes) continue;
      const read = this.#read(key).finally(() => reading.delete(read));
      reading.add(read);
      if (reading.size >= READS_AT_ONCE) await Promise.race(reading);
    }
    await Promise.all(reading);
    this.#isLoaded = true;
    this.#markLoaded();
    for (const key of this.#sizes.keys()) {
      if (!listed.has(key) && !this.#unwritten.has(key) && !this.#written.has(key)) this.#forget(key);
    }
  }

  /** One broadcast; undefined where there is none. */
  get(channel: string, id: string): Broadcast | undefined {
    return this.#known.get(keyOf({ channel, id }));
  }

  /**
   * One broadcast.
   *
   * @throws {BroadcastError} `unknown-broadcast` (404)
   */
  want(channel: string, id: string): Broadcast {
    const broadcast = this.get(channel, id);
    if (broadcast !== undefined) return broadcast;
    throw new BroadcastError(`channel ${channel}: no broadcast ${JSON.stringify(id.slice(0, 64))}`, {
      code: 'unknown-broadcast',
      status: 404,
    });
  }

  /** Those of a channel, newest first. */
  of(channel: string): Broadcast[] {
    return this.#all().filter((broadcast) => broadcast.channel === channel);
  }

  /** A page of those that fit, newest first. */
  find(
    query: BroadcastQuery,
    after: ReturnType<typeof readCursor>,
    limit: number,
  ): ReturnType<typeof findBroadcasts> {
    return findBroadcasts(this.#all(), query, after, limit);
  }

  /** What there is to choose from, in order. */
  facets(): Facets {
    this.#facets ??= facetsOf(this.#known.values());
    return this.#facets;
  }

  /** Keeps a broadcast, new or changed. It is written in the background, again and again until the store takes it. */
  put(broadcast: Broadcast): void {
    const key = keyOf(broadcast);
    this.#know(key, broadcast);
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
    this.#unwritten.delete(key);
    await this.#store.delete([key]);
    this.#forget(key);
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

  #all(): Broadcast[] {
    this.#sorted ??= [...this.#known.values()].toSorted(newestFirst);
    return this.#sorted;
  }

  #know(key: string, broadcast: Broadcast): void {
    this.#known.set(key, broadcast);
    this.#sorted = null;
    this.#facets = null;
  }

  #forget(key: string): void {
    this.#known.delete(key);
    this.#sizes.delete(key);
    this.#sorted = null;
    this.#facets = null;
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
      const broadcast = this.#known.get(key);
      if (broadcast === undefined) {
        this.#unwritten.delete(key);
        continue;
      }
      const body = Buffer.from(`${JSON.stringify(broadcast)}\n`, 'utf8');
      try {
        await this.#store.put(key, body);
        this.#sizes.set(key, body.length);
        this.#written.add(key);
        // It may have changed meanwhile: then it is written once more.
        if (this.#known.get(key) === broadcast) this.#unwritten.delete(key);
      } catch (error) {
        this.#logger.warn({ object: key }, `a broadcast is not in the store yet: ${describeError(error)}`);
        return;
      }
    }
  }

  async #read(key: string): Promise<void> {
    try {
      const bytes = await this.#store.get(key);
      const broadcast = broadcastSchema.parse(JSON.parse(bytes.toString('utf8')));
      if (keyOf(broadcast) !== key) throw new TypeError(`it says that it is ${keyOf(broadcast)}`);
      if (this.#unwritten.has(key)) return;
      this.#know(key, broadcast);
      this.#sizes.set(key, bytes.length);
    } catch (error) {
      if (error instanceof StoreError && error.code === 'store-unavailable') throw error;
      this.#logger.warn(
        { object: key },
        `a broadcast cannot be read and is passed over: ${describeError(error)}`,
      );
    }
  }
}

function keyOf({ channel, id }: { readonly channel: string; readonly id: string }): string {
  return `${PREFIX}${idInKey(channel)}/${idInKey(id)}.json`;
}

function facetsOf(broadcasts: Iterable<Broadcast>): Facets {
  const grades = new Set<number>();
  const subjects = new Set<string>();
  const teachers = new Set<string>();
  for (const { grade, subject, teacher } of broadcasts) {
    if (grade !== undefined) grades.add(grade);
    if (subject !== undefined && subject !== '') subjects.add(subject);
    if (teacher !== undefined && teacher !== '') teachers.add(teacher);
  }
  return {
    grades: [...grades].toSorted((a, b) => a - b),
    subjects: [...subjects].toSorted(),
    teachers: [...teachers].toSorted(),
  };
}
