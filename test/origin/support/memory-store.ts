import { createHash } from 'node:crypto';
import {
  badRange,
  checkKey,
  checkPrefix,
  checkRange,
  type ListedObject,
  type ObjectStore,
  StoreError,
  type StoredObject,
} from '../../../shared/object-store.ts';

/** A store in memory that a test can take down, and that tells what was done to it. */
export class MemoryStore implements ObjectStore {
  readonly objects = new Map<string, Buffer>();
  /** Every operation that reached it: `put media/…`. */
  readonly log: string[] = [];
  isDown = false;
  /** Called before each put is done; a test may wait in it, or throw. */
  onPut: (key: string) => Promise<void> = async () => {};

  async put(key: string, body: Buffer): Promise<void> {
    checkKey(key);
    this.#reach('put', key);
    await this.onPut(key);
    this.objects.set(key, Buffer.from(body));
  }

  async get(key: string): Promise<Buffer> {
    checkKey(key);
    this.#reach('get', key);
    const body = this.objects.get(key);
    if (body === undefined)
      throw new StoreError(`${key}: not there`, { code: 'no-such-object', status: 404 });
    return Buffer.from(body);
  }

  async getRange(key: string, fromByte: number, toByte: number): Promise<Buffer> {
    checkRange(key, fromByte, toByte);
    const body = await this.get(key);
    if (fromByte >= body.length) throw badRange(key, fromByte, toByte, `it has ${body.length} bytes`);
    return body.subarray(fromByte, toByte + 1);
  }

  async stat(key: string): Promise<StoredObject | null> {
    checkKey(key);
    this.#reach('stat', key);
    const body = this.objects.get(key);
    return body === undefined ? null : { key, sizeBytes: body.length };
  }

  async *list(prefix: string, options: { readonly after?: string } = {}): AsyncIterable<ListedObject> {
    checkPrefix(prefix);
    this.#reach('list', prefix);
    for (const key of [...this.objects.keys()].toSorted()) {
      if (!key.startsWith(prefix) || key <= (options.after ?? '')) continue;
      const body = this.objects.get(key) ?? Buffer.alloc(0);
      yield { key, sizeBytes: body.length, version: createHash('md5').update(body).digest('hex') };
    }
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      checkKey(key);
      this.#reach('delete', key);
      this.objects.delete(key);
    }
  }

  async close(): Promise<void> {}

  #reach(operation: string, key: string): void {
    if (this.isDown)
      throw new StoreError(`${operation} ${key}: down`, { code: 'store-unavailable', status: 503 });
    this.log.push(`${operation} ${key}`);
  }
}
