import { describeError } from '../../shared/errors.ts';
import { getIfThere, type ObjectStore, type ListedObject } from '../../shared/object-store.ts';
import { KeyedMutex } from '../../shared/keyed-mutex.ts';
import { idInKey } from '../archive/archive-keys.ts';
import { type BroadcastRecord, BroadcastError, broadcastSchema } from './broadcast-record.ts';

/**
 * The objects of broadcasts, one each. An object is read before it is put, so that what another origin wrote is not undone,
 * and what cannot be read is never put over. Changes of one object here come one after the other.
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
   * Reads one, after all changes that have begun here.
   *
   * @returns null where there is none
   * @throws {StoreError} what `get` throws; {@link BroadcastError} `bad-broadcast`
   */
  read(key: string): Promise<BroadcastRecord | null> {
    return this.change(key, () => undefined);
  }

  /**
   * Changes one. Resolves when it is in the store.
   *
   * @param change given what is stored now; returns what is to be there, or undefined to leave it. What it throws is thrown.
   * @returns what is there now; null where there is none
   * @throws {StoreError} what `get` and `put` throw; {@link BroadcastError} `bad-broadcast`: it stays as it is then
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

  /** Takes one away. @throws {StoreError} what `delete` throws: it is still there then */
  async remove(key: string): Promise<void> {
    await this.#changing.run(key, () => this.#store.delete([key]));
  }

  async #get(key: string): Promise<BroadcastRecord | null> {
    const bytes = await getIfThere(this.#store, key);
    return bytes === null ? null : parseRecord(key, bytes);
  }
}

/** What the keys of a channel's broadcasts begin with; of every channel's when it is left out. */
export function broadcastPrefix(channel?: string): string {
  return channel === undefined ? 'broadcasts/' : `broadcasts/${idInKey(channel)}/`;
}

/** Key of a broadcast's object. */
export function broadcastKey({ channel, id }: { readonly channel: string; readonly id: string }): string {
  return `${broadcastPrefix(channel)}${idInKey(id)}.json`;
}

function parseRecord(key: string, bytes: Buffer): BroadcastRecord {
  try {
    const broadcast = broadcastSchema.parse(JSON.parse(bytes.toString('utf8')));
    if (broadcastKey(broadcast) !== key) throw new TypeError(`it says that it is ${broadcastKey(broadcast)}`);
    return broadcast;
  } catch (cause) {
    throw new BroadcastError(`${key}: ${describeError(cause)}`, { code: 'bad-broadcast' });
  }
}
