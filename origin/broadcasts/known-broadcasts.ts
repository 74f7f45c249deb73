import type { BroadcastRecord } from './broadcast-record.ts';
import { newestFirst } from './broadcast-query.ts';
import { broadcastKey, broadcastPrefix } from './broadcast-store.ts';
import { LibraryIndex } from './library-index.ts';

type DeletedRecord = { readonly broadcast: BroadcastRecord; readonly version: string | null };

/**
 * The broadcasts in the store as this process knows them: those of the library, deleted ones, and unreadable objects. A key is
 * in at most one of the three groups.
 */
export class KnownBroadcasts {
  readonly #index = new LibraryIndex();
  /** Records of deleted broadcasts, and the versions of their objects; null while a version is not known. */
  readonly #deleted = new Map<string, DeletedRecord>();
  /** Deleted broadcasts whose media is not erased yet, by channel and key: each channel on air asks for its own once a second. */
  readonly #unerased = new Map<string, Map<string, BroadcastRecord>>();
  /** Versions of unreadable objects; '' for one that must be read again in any case. */
  readonly #unreadable = new Map<string, string>();

  /** Keys of objects that the store did not give when they were last read: what is known of them may be old. */
  readonly #unread = new Set<string>();
  /** Prefixes of keys that the store could not list. */
  #unlisted: readonly string[] = [];

  /** Those of the library: sorted and searchable. */
  get index(): LibraryIndex {
    return this.#index;
  }

  /** Records of deleted broadcasts, in any order. */
  get deleted(): BroadcastRecord[] {
    return [...this.#deleted.values()].map(({ broadcast }) => broadcast);
  }

  /** Records of a channel's deleted broadcasts whose media is not erased yet, in any order. */
  deletedOf(channel: string): BroadcastRecord[] {
    return [...(this.#unerased.get(channel)?.values() ?? [])];
  }

  /** Keys of all, also of those that were never read. */
  keys(): string[] {
    const unread = [...this.#unread].filter((key) => this.versionOf(key) === undefined);
    return [...this.#index.keys(), ...this.#deleted.keys(), ...this.#unreadable.keys(), ...unread];
  }

  /** Version of the object that a key was read from; null or undefined while that is not known. */
  versionOf(key: string): string | null | undefined {
    return (this.#index.get(key) ?? this.#deleted.get(key))?.version ?? this.#unreadable.get(key);
  }

  /** Whether a key is that of a deleted broadcast. */
  isDeleted(key: string): boolean {
    return this.#deleted.has(key);
  }

  /** Whether a key is that of an unreadable object. */
  isUnreadable(key: string): boolean {
    return this.#unreadable.has(key);
  }

  /** Whether any object of a channel is unreadable, or may be one that could not be listed. */
  hasUnreadable(channel: string): boolean {
    const prefix = broadcastPrefix(channel);
    const isOwn = (key: string): boolean => key.startsWith(prefix);
    return (
      [...this.#unreadable.keys()].some(isOwn) ||
      [...this.#unread].some(isOwn) ||
      this.#unlisted.some((at) => at.startsWith(prefix) || prefix.startsWith(at))
    );
  }

  /** Whether a key may be missing from the newest listing although its object exists. */
  isUnlisted(key: string): boolean {
    return this.#unlisted.some((at) => key.startsWith(at));
  }

  /** Notes what the newest listing left out. @param within prefix of the keys that were to be listed */
  setUnlisted(within: string, prefixes: readonly string[]): void {
    this.#unlisted = [...this.#unlisted.filter((at) => !at.startsWith(within)), ...prefixes];
  }

  /** Whether the store did not give an object when it was last read. */
  isUnread(key: string): boolean {
    return this.#unread.has(key);
  }

  /** The store did not give an object: what is known of it stays. */
  setUnread(key: string): void {
    this.#unread.add(key);
  }

  /** The broadcast of a channel that had begun before a time and had not ended by then, deleted or not. */
  at(channel: string, timeMs: number): BroadcastRecord | undefined {
    return [...this.#index.of(channel), ...this.deleted.filter((broadcast) => broadcast.channel === channel)]
      .filter(({ startMs, endMs }) => startMs < timeMs && (endMs === null || endMs > timeMs))
      .toSorted(newestFirst)[0];
  }

  /** Adds a broadcast, or replaces it. @param version of its object; null while that is not known */
  set(broadcast: BroadcastRecord, version: string | null): void {
    const key = broadcastKey(broadcast);
    this.#unreadable.delete(key);
    this.#unread.delete(key);
    if (broadcast.deletedMs === undefined) {
      this.#forgetDeleted(key);
      this.#index.set(key, broadcast, version);
    } else {
      this.#index.delete(key);
      this.#forgetDeleted(key);
      this.#deleted.set(key, { broadcast, version });
      if (broadcast.isErased !== true) this.#addUnerased(key, broadcast);
    }
  }

  /** Adds an object that exists and cannot be read. @param version '' for one that must be read again in any case */
  setUnreadable(key: string, version: string): void {
    this.delete(key);
    this.#unreadable.set(key, version);
  }

  /** Removes a key. */
  delete(key: string): void {
    this.#index.delete(key);
    this.#forgetDeleted(key);
    this.#unreadable.delete(key);
    this.#unread.delete(key);
  }

  #addUnerased(key: string, broadcast: BroadcastRecord): void {
    const own = this.#unerased.get(broadcast.channel) ?? new Map<string, BroadcastRecord>();
    this.#unerased.set(broadcast.channel, own.set(key, broadcast));
  }

  #forgetDeleted(key: string): void {
    const channel = this.#deleted.get(key)?.broadcast.channel;
    if (channel === undefined) return;
    this.#deleted.delete(key);
    const own = this.#unerased.get(channel);
    own?.delete(key);
    if (own?.size === 0) this.#unerased.delete(channel);
  }
}
