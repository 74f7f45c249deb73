import { describeError } from '../../shared/errors.ts';
import { getIfThere, type ObjectStore, type ListedObject } from '../../shared/object-store.ts';
import { KeyedMutex } from '../../shared/keyed-mutex.ts';
import { idInKey } from '../archive/archive-keys.ts';
import { type BroadcastRecord, BroadcastError, broadcastSchema } from './broadcast-record.ts';

/**
 * The objects of broadcasts, one each. An object is read before it is put, so that another origin's change is not
 * undone, and an unreadable object is never overwritten. Changes of one object run one after the other.
 */
export class BroadcastStore {
  readonly #store: ObjectStore;
  readonly #changing = new KeyedMutex();

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /**
   * Lists them all, or those of a channel.
   *
   * @throws {StoreError} when it is iterated
   */
  list(channel?: string): AsyncIterable<ListedObject> {
    return this.#store.list(broadcastPrefix(channel));
  }

  /**
   * Reads one, after all changes that this process has started.
   *
   * @returns null when there is none
   * @throws {StoreError} what `get` throws; {@link BroadcastError} `bad-broadcast`
   */
  read(key: string): Promise<BroadcastRecord | null> {
    return this.change(key, () => undefined);
  }

  /**
   * Changes one. Resolves when the change is stored.
   *
   * @param change gets the stored record; returns the new one, or undefined to leave it unchanged. Its errors are thrown.
   * @returns the record that is stored now; null for none
   * @throws {StoreError} what `get` and `put` throw; {@link BroadcastError} `bad-broadcast`: nothing is changed
   */
  async change(
    key: string,
    change: (stored: BroadcastRecord | undefined) => BroadcastRecord | undefined,
  ): Promise<BroadcastRecord | null> {
    let changed: BroadcastRecord | null = null;
    await this.#changing.run(key, async () => {
      const stored = await this.#get(key);
      changed = stored;
      const broadcast = change(stored ?? undefined);
      if (broadcast === undefined || JSON.stringify(broadcast) === JSON.stringify(stored)) return;
      await this.#store.put(key, Buffer.from(`${JSON.stringify(broadcast)}\n`, 'utf8'));
      changed = broadcast;
    });
    return changed;
  }

  /** Deletes one. @throws {StoreError} what `delete` throws: it may still exist */
  async remove(key: string): Promise<void> {
    await this.#changing.run(key, () => this.#store.delete([key]));
  }

  async #get(key: string): Promise<BroadcastRecord | null> {
    const bytes = await getIfThere(this.#store, key);
    return bytes === null ? null : parseRecord(key, bytes);
  }
}

/** Prefix of the keys of a channel's broadcasts; of all channels' when it is left out. */
export function broadcastPrefix(channel?: string): string {
  return channel === undefined ? 'broadcasts/' : `broadcasts/${idInKey(channel)}/`;
}

/** Key of a broadcast's object. */
export function broadcastKey({ channel, id }: { readonly channel: string; readonly id: string }): string {
  return [broadcastPrefix(channel), idInKey(id), '.json'].join('');
}

function parseRecord(key: string, bytes: Buffer): BroadcastRecord {
  try {
    const broadcast = broadcastSchema.parse(JSON.parse(bytes.toString('utf8')));
    if (broadcastKey(broadcast) !== key)
      throw new TypeError(`its content belongs to ${broadcastKey(broadcast)}`);
    return broadcast;
  } catch (cause) {
    throw new BroadcastError(`${key}: ${describeError(cause)}`, { code: 'bad-broadcast' });
  }
}
