import {
  badRange,
  checkKey,
  checkPrefix,
  checkRange,
  type ListedObject,
  type ObjectStore,
  type StoredObject,
  type StoreError,
} from '../../shared/object-store.ts';
import { S3Bucket } from './s3-bucket.ts';
import { S3Client, type S3ClientOptions } from './s3-client.ts';
import { S3Deletion } from './s3-deletion.ts';
import { fromS3, s3Code } from './s3-error.ts';
import { S3Listing } from './s3-listing.ts';
import { PART_BYTES, putInParts } from './s3-upload.ts';

/** Options of {@link S3Store}. */
export type S3StoreOptions = S3ClientOptions & {
  /** Prefix of each key, without the '/' that follows it; '' for none. */
  readonly prefix: string;
  /** Names of one page of a listing; 1000 when left out. */
  readonly pageKeys?: number;
  /** Called with what the server cannot, and is asked for in another way: a line without its end. */
  readonly onFallback?: (line: string) => void;
};

/**
 * Objects in a bucket of an S3 server: MinIO, versitygw, a cloud. Nothing is retried.
 *
 * The bucket is checked before the first operation, and created when it does not exist. A failed check is repeated before the
 * next operation.
 */
export class S3Store implements ObjectStore {
  readonly #client: S3Client;
  readonly #bucket: S3Bucket;
  readonly #listing: S3Listing;
  readonly #deletion: S3Deletion;
  readonly #options: S3StoreOptions;
  readonly #prefix: string;
  #closed = false;

  constructor(options: S3StoreOptions) {
    this.#options = options;
    this.#prefix = options.prefix === '' ? '' : `${options.prefix}/`;
    this.#client = new S3Client(options);
    const { pageKeys, onFallback = () => {} } = options;
    this.#listing = new S3Listing(this.#client, this.#prefix, pageKeys, {
      firstVersion: () => onFallback('the server has no ListObjectsV2: it is listed with ListObjects'),
      unsorted: () => onFallback('the server lists names out of order: each list is read whole and sorted'),
    });
    this.#deletion = new S3Deletion(this.#client, () =>
      onFallback('the server refuses DeleteObjects: each object is deleted with a request of its own'),
    );
    this.#bucket = new S3Bucket(this.#client, this.#listing, this.#place('open', ''), (thrown) =>
      this.#error('open', '', thrown),
    );
  }

  /**
   * Checks that the bucket exists, and creates it when it does not.
   *
   * @throws {StoreError} `store-denied` (500), `no-such-bucket` (500) when it may not be created, `store-unavailable` (503)
   */
  check(): Promise<void> {
    return this.#bucket.check();
  }

  async put(key: string, body: Buffer): Promise<void> {
    checkKey(key);
    await this.#run('put', key, async () => {
      if (body.length <= PART_BYTES) await this.#client.put(this.#prefix + key, '', body);
      else await putInParts(this.#client, this.#prefix + key, body);
    });
  }

  async get(key: string): Promise<Buffer> {
    checkKey(key);
    return this.#run('get', key, () => this.#client.get(this.#prefix + key));
  }

  async getRange(key: string, fromByte: number, toByte: number): Promise<Buffer> {
    checkKey(key);
    checkRange(key, fromByte, toByte);
    return this.#run('get', key, async () => {
      const wanted = toByte - fromByte + 1;
      try {
        const bytes = await this.#client.getRange(this.#prefix + key, fromByte, wanted);
        if (bytes.length <= wanted) return bytes;
      } catch (error) {
        if (s3Code(error) !== 'InvalidRange') throw error;
        throw badRange(key, fromByte, toByte, 'the object ends before them');
      }
      throw new Error(`the server sent more than the ${wanted} bytes that were requested`);
    });
  }

  async stat(key: string): Promise<StoredObject | null> {
    checkKey(key);
    return this.#run('stat', key, async () => {
      try {
        return { key, sizeBytes: await this.#client.sizeOf(this.#prefix + key) };
      } catch (error) {
        if (['NotFound', 'NoSuchKey'].includes(s3Code(error))) return null;
        throw error;
      }
    });
  }

  async *list(prefix: string, options: { readonly after?: string } = {}): AsyncGenerator<ListedObject> {
    const { after = '' } = options;
    checkPrefix(prefix);
    checkPrefix(after);
    for await (const page of this.#listing.pages(prefix, after, (request) =>
      this.#run('list', prefix, request),
    )) {
      yield* page;
    }
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) checkKey(key);
    if (keys.length === 0) return;
    const names = keys.map((key) => this.#prefix + key);
    await this.#run('delete', keys[0] ?? '', () => this.#deletion.run(names));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#client.close();
  }

  async #run<T>(operation: string, key: string, work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw this.#error(operation, key, new Error('the store is closed'));
    await this.check();
    try {
      return await work();
    } catch (error) {
      throw this.#error(operation, key, error);
    }
  }

  #error(operation: string, key: string, thrown: unknown): StoreError {
    const { accessKey, secretKey } = this.#options;
    return fromS3(this.#place(operation, key), thrown, [secretKey, accessKey]);
  }

  #place(operation: string, key: string): string {
    const { endpoint, bucket } = this.#options;
    return `store ${endpoint}/${bucket}: ${operation} ${key}`.trimEnd();
  }
}
